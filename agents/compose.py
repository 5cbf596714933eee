"""From numbered quotes to a draft answer: prose by able or taught models, else a short copy.

A citation of no quote cannot be written: the grammar has only the numbers that exist, and `draft`
takes out any other, whatever the model wrote.
"""

import re
from collections.abc import Sequence

from agents.answering import UNREAD, Read, choices, contested, leads, place, stands
from agents.asked import Style
from agents.claims import MARK, cites
from agents.copying import choice_grammar, copy_grammar, locate
from agents.events import Language, Quoted, Verdict
from agents.guesses import Guess, guesses
from agents.models.base import Message
from agents.prompt import plain
from agents.templates import fill
from agents.wording import content, terms
from retrieval.sentences import sentences

PROSE = "write.v1"
SHORT = "short.v1"
REWRITE = "rewrite.v1"
REPAIR = 0.57
"""Share of a sentence's words that a quote must hold to be cited for it (WebGLM, Liu 2023)."""

_CLOSED = re.compile(r"[.!?。！？\]][\"”’')]*$")
_LATE = re.compile(r"([.!?。])[ \t]*((?:\[\d+\][ \t]*)*\[\d+\])(?=\s|$)")
_QUOTATION = re.compile("“([^”]*)”")
_MARKED = re.compile(rf"\s*{MARK.pattern}")

_EXAMPLES = (
    (
        "The Harbour Bridge was opened in March 1932 by the Premier, Jack Lang. It was designed "
        "by John Bradfield and took about 1,400 workers eight years to build.",
        "How many people built the bridge?",
        "about 1,400 workers",
    ),
    (
        "Marie Curie discovered polonium, which she named after her native country, Poland. "
        "She shared the 1903 Nobel Prize in Physics with her husband Pierre.",
        "With whom did Curie share her prize?",
        "her husband Pierre",
    ),
    (
        "Basalt is formed when lava cools quickly at the surface. Because of the rapid cooling, "
        "its crystals are very small.",
        "What causes the small crystals of basalt?",
        "rapid cooling",
    ),
)


def style_for(able: bool, taught: bool = False, language: Language = "en") -> Style:
    """Able models write prose, weak ones that were taught to write lead their quotes in with it,
    and others copy a short answer. What is taught to them is English."""
    return "prose" if able else "led" if taught and language == "en" else "short"


def write_prompt(question: str, quotes: Sequence[Quoted], style: Style) -> list[Message]:
    """Return the messages that ask for an answer from the quotes alone."""
    if style != "short":
        text = fill(PROSE, question=plain(question), quotes=numbered(quotes))
        return [Message("user", text)]
    messages: list[Message] = []
    for text, asked, answer in _EXAMPLES:
        messages.append(Message("user", fill(SHORT, quotes=text, question=asked)))
        messages.append(Message("assistant", answer))
    body = plain(" ".join(quote.text for quote in quotes))
    return [*messages, Message("user", fill(SHORT, quotes=body, question=plain(question)))]


def write_grammar(quotes: Sequence[Quoted], style: Style, question: str = "") -> str:
    """Return the GBNF grammar of replies: cited sentences, or a run of words of one quote.

    In the short style and with a question, only its likeliest phrases can be written.
    """
    if style != "short":
        return _cited_grammar(quotes)
    found = _choices(question, quotes) if question else []
    if not found:
        return copy_grammar([quote.text for quote in quotes])
    return choice_grammar(list(dict.fromkeys(guess.phrase.text for guess in found)))


def pickable(question: str, quotes: Sequence[Quoted], read: Read = UNREAD) -> bool:
    """Whether the quotes hold a phrase so likely to answer that it may stand before them."""
    found = guesses(question, [quote.text for quote in quotes])
    return any(stands(guess, question, found, read) for guess in choices(found))


def _choices(question: str, quotes: Sequence[Quoted]) -> list[Guess]:
    return choices(guesses(question, [quote.text for quote in quotes]))


def rewrite_prompt(
    question: str, quotes: Sequence[Quoted], draft: str, verdicts: Sequence[Verdict]
) -> list[Message]:
    """Return the messages that ask for the draft again with the verdicts in hand."""
    text = fill(
        REWRITE,
        question=plain(question),
        quotes=numbered(quotes),
        draft=plain(draft),
        findings="\n".join(_finding(verdict) for verdict in verdicts),
    )
    return [Message("user", text)]


def rewrite_grammar(quotes: Sequence[Quoted]) -> str:
    """Return the GBNF grammar of a rewritten answer: cited sentences."""
    return _cited_grammar(quotes)


def draft(
    reply: str,
    question: str,
    quotes: Sequence[Quoted],
    style: Style,
    picked: str = "",
    read: Read = UNREAD,
) -> str:
    """Turn a reply into an answer that cites only quotes that exist.

    In the short style a reply that is no copy, is not the kind of answer asked for, or is not
    likely by what stands around it, gives way to the quotes themselves. So does one that is to
    lead them in and holds no likely answer, unless what the model `picked` beside it is likely.
    `read` tells how likely phrases are carried as the answer, where a verifier read them.
    """
    if style == "short":
        guess = _likely(reply, question, quotes, read)
        return _assembled(guess, quotes) if guess else quotes_answer(quotes)
    text = _honest(_repaired(reply, quotes), quotes)
    if style == "led":
        return _leading(text, question, quotes, picked, read)
    return text or quotes_answer(quotes)


def rewritten(reply: str, question: str, quotes: Sequence[Quoted], style: Style) -> str:
    """Turn a reply to `rewrite_prompt` into an answer, as `draft` does for prose; what is to lead
    the quotes in must be likely to answer."""
    text = draft(reply, question, quotes, "prose")
    if style != "led":
        return text
    found = guesses(question, [quote.text for quote in quotes])
    return led(text, quotes) if leads(text, question, found) else quotes_answer(quotes)


def _leading(text: str, question: str, quotes: Sequence[Quoted], picked: str, read: Read) -> str:
    """The text before the quotes if it is likely to answer, behind a likely phrase that it holds,
    the one that the model picked or the likeliest; else a likely pick alone, or the quotes."""
    found = guesses(question, [quote.text for quote in quotes])
    pick = _likely(picked, question, quotes, read)
    if not leads(text, question, found) or contested(text, question, found, read):
        return _assembled(pick, quotes) if pick else quotes_answer(quotes)
    for guess in filter(None, (pick, *found[:1])):
        fits = stands(guess, question, found, read)
        at = place(guess.phrase.text, text) if fits else None
        if at is not None:
            first = f"{_first(guess.phrase.text, quotes[guess.index])} " if at.start() else ""
            return led(f"{first}{text}", quotes)
    return led(text, quotes)


def _likely(reply: str, question: str, quotes: Sequence[Quoted], read: Read) -> Guess | None:
    """The phrase that a reply copies, if it is likely to answer."""
    texts = [quote.text for quote in quotes]
    copy = locate(reply, texts) if reply else None
    if copy is None:
        return None
    found, wanted = guesses(question, texts), copy.text.casefold()
    # Of several places the likeliest.
    guess = next((one for one in found if _flat(one.phrase.text).casefold() == wanted), None)
    return guess if guess and stands(guess, question, found, read) else None


def assemble(short: str, source: Quoted, quotes: Sequence[Quoted]) -> str:
    """Put a short answer before the quotes, the one it was copied from first."""
    return led(_first(short, source), quotes)


def _assembled(guess: Guess, quotes: Sequence[Quoted]) -> str:
    return assemble(guess.phrase.text, quotes[guess.index], quotes)


def _first(short: str, source: Quoted) -> str:
    return f"{_flat(short[:1].upper() + short[1:])} [{source.number}]."


def led(text: str, quotes: Sequence[Quoted]) -> str:
    """Put the quotes below an answer that does not hold them yet, those that it cites first."""
    cited = cites(text)
    ordered = sorted(quotes, key=lambda quote: quote.number not in cited)
    below = [line for line in map(_verbatim, ordered) if line not in text]
    return f"{text}\n\n" + "\n".join(below) if below else text


def lead(text: str) -> str:
    """Return an answer without the quotes below it."""
    return text.partition("\n\n“")[0]


def quotes_answer(quotes: Sequence[Quoted]) -> str:
    """Return the quotes themselves as the answer: verbatim, in quotation marks, each cited."""
    return "\n".join(map(_verbatim, quotes))


def numbered(quotes: Sequence[Quoted]) -> str:
    """Return the quotes as prompts show them: number, text, title."""
    return "\n".join(
        f"[{q.number}] {plain(_flat(q.text))} ({plain(_flat(q.title))})" for q in quotes
    )


def _verbatim(quote: Quoted) -> str:
    """The quote as it stands, but for reference marks of its page, which would read as ours."""
    return f"“{_flat(_MARKED.sub('', quote.text))}” [{quote.number}]"


def _flat(text: str) -> str:
    return " ".join(text.split())


def _finding(verdict: Verdict) -> str:
    because = f" ({plain(verdict.because)})" if verdict.because else ""
    return f"- {verdict.ruling}: {plain(_flat(verdict.claim.text))}{because}"


def _cited_grammar(quotes: Sequence[Quoted]) -> str:
    """One to four sentences, each closed by marks, before or after its stop.

    Within a sentence a stop may stand only right before a letter, digit or sign: after a stop and
    a space nothing but a mark is legal, so no sentence escapes its mark.
    """
    numbers = " | ".join(f'"{quote.number}"' for quote in quotes) or '"1"'
    plain_character = r"[^.!?。！？\[\]【】 \x00-\x1f]"
    return "\n".join(
        (
            'root ::= sentence (" " sentence (" " sentence (" " sentence)?)?)?',
            'sentence ::= character rest* (" " marks stop | stop " " marks)',
            "marks ::= mark mark? mark?",
            "rest ::= character | inner",
            f'character ::= {plain_character} | " " {plain_character}',
            "inner ::= [.!?] [A-Za-z0-9,;)\"”']",
            f'mark ::= "[" ({numbers}) "]"',
            "stop ::= [.!?。]",
        )
    )


def _honest(text: str, quotes: Sequence[Quoted]) -> str:
    """Take the quotation marks from words that no quote holds: they would be shown as a quote."""
    held = [_flat(text) for q in quotes for text in (q.text, _MARKED.sub("", q.text))]

    def weigh(quotation: re.Match[str]) -> str:
        said = _flat(quotation[1])
        return quotation[0] if any(said in one for one in held) else quotation[1]

    return _QUOTATION.sub(weigh, text)


def _repaired(reply: str, quotes: Sequence[Quoted]) -> str:
    """Take out marks of no quote, and cite the quote that holds a sentence where none cited does.

    A sentence said twice is kept once; a last one that was cut short, with neither mark nor stop,
    is left out.
    """
    real = {quote.number for quote in quotes}
    text = MARK.sub(lambda mark: _kept(mark[0], real), reply).strip()
    text = _LATE.sub(r" \2\1", text)
    found = [text[start:end] for start, end in sentences(text)]
    if len(found) > 1 and not _CLOSED.search(found[-1]):
        found.pop()
    once = {_MARKED.sub("", sentence): sentence for sentence in reversed(found)}
    done = [_cited(sentence, quotes) for sentence in reversed(once.values())]
    return re.sub(r" +([.,;!?。]| )", r"\1", " ".join(done))


def _kept(mark: str, real: set[int]) -> str:
    return "".join(f"[{number}]" for number in cites(mark) if number in real)


def _cited(sentence: str, quotes: Sequence[Quoted]) -> str:
    """The sentence with its own marks, or with that of the quote that holds it if they do not."""
    wanted = frozenset(content(_MARKED.sub("", sentence)))
    shares = {q.number: len(wanted & frozenset(terms(q.text))) for q in quotes}
    enough = REPAIR * len(wanted)
    best = max(shares, key=lambda number: shares[number], default=0)
    held = any(shares[number] >= enough for number in cites(sentence))
    if held or not wanted or shares.get(best, 0) < enough:
        return sentence
    bare = _MARKED.sub("", sentence).rstrip()
    stop = bare[-1] if bare[-1] in ".!?。！？" else ""
    return f"{bare.removesuffix(stop) if stop else bare} [{best}]{stop or '.'}"
