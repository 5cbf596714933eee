"""Words that are put in each other's place to make a claim untrue."""

_PAIRS = """
all some; every no; many few; most few; always never; first last; before after; more less
increase decrease; increased decreased; increases decreases; higher lower; north south
northern southern; east west; eastern western; largest smallest; oldest youngest; older younger
born died; father son; mother daughter; brother father; husband brother; wife sister; won lost
win lose; began ended; began stopped; early late; rise fall; rose fell; above below; larger smaller
male female; men women; man woman; inside outside; left right; accepted rejected; founded closed
directed produced; written directed; wrote directed; singer actor; actress writer; actor politician
American British; English French; German Italian; Indian Chinese; film book; novel film; album song
city village; king duke; million billion; day month; hours days; elder younger; best worst
beginning end; longer shorter; old young; good bad; open closed; allowed forbidden; include exclude
includes excludes; never often; only also; minimum maximum; strong weak; high low; hot cold
large small; positive negative; present absent; successful unsuccessful; public private
white black; summer winter; army navy
"""


def _read() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in _PAIRS.replace("\n", ";").split(";"):
        words = pair.split()
        for word, other in (words, words[::-1]) if words else ():
            found.setdefault(word, []).append(other)
    return found


OPPOSITES = _read()
