"""Laws of containment: one value in any of its forms is the same, and another one never is."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from agents.check.facts import carried, facts
from agents.check.words import listed

ONES = listed("""zero one two three four five six seven eight nine ten eleven twelve thirteen
fourteen fifteen sixteen seventeen eighteen nineteen""")
TENS = listed("_ _ twenty thirty forty fifty sixty seventy eighty ninety")
HAN = "零一二三四五六七八九"
MONTHS = "January February March April May June July August September October November December"
MONTHS_HAN = listed("一 二 三 四 五 六 七 八 九 十 十一 十二")


def words(number: int) -> str:
    """A number below a million in English words."""
    if number < 20:
        return ONES[number]
    if number < 100:
        rest = f"-{ONES[number % 10]}" if number % 10 else ""
        return TENS[number // 10] + rest
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    rest = (
        f" {'and ' if number % size < 100 else ''}{words(number % size)}" if number % size else ""
    )
    return f"{words(number // size)} {name}{rest}"


def han(number: int) -> str:
    """A number below ten thousand in Chinese numerals by scale."""
    said, zero = "", False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // size % 10
        if digit:
            said += ("零" if zero and said else "") + HAN[digit] + name
        zero = not digit
    return said.removeprefix("一") if 10 <= number < 20 else said


def english(number: int) -> list[str]:
    return [str(number), f"{number:,}", words(number)]


def spoken(year: int) -> str:
    rest = year % 100
    low = "hundred" if not rest else f"oh {ONES[rest]}" if rest < 10 else words(rest)
    return f"{words(year // 100)} {low}"


def dates(year: int, month: int, day: int) -> list[str]:
    name = MONTHS.split()[month - 1]
    end = {1: "st", 2: "nd", 3: "rd"}.get(day % 10 if day not in (11, 12, 13) else 0, "th")
    return [
        f"{day} {name} {year}",
        f"{name} {day}, {year}",
        f"{name} {day}{end}, {year}",
        f"the {day}{end} of {name} {year}",
        f"{name[:3]}. {day}, {year}" if name != "May" else f"May {day}, {year}",
        f"{year}-{month:02}-{day:02}",
    ]


def dates_han(year: int, month: int, day: int) -> list[str]:
    digits = "".join(HAN[int(digit)] for digit in str(year)).replace("零", "〇")
    return [
        f"{year}年{month}月{day}日",
        f"{digits}年{MONTHS_HAN[month - 1]}月{han(day)}日",
        f"{year}-{month:02}-{day:02}",
    ]


def holds(claim: str, evidence: str) -> bool:
    return not carried(facts(claim), facts(evidence))


NUMBERS = st.integers(2, 9999).filter(lambda number: number % 1000 or number < 1000)
YEARS = st.integers(1300, 2059).filter(lambda year: year % 1000)
PLACES = st.tuples(YEARS, st.integers(1, 12), st.integers(1, 28))


@given(NUMBERS, st.integers(0, 2), st.integers(0, 2))
def test_a_number_in_any_form_is_the_same(number: int, one: int, other: int) -> None:
    claim, evidence = english(number)[one], english(number)[other]
    assert holds(f"It has {claim} rooms.", f"There are {evidence} rooms in it.")
    assert holds(f"它有{han(number)}间客房。", f"它共有{number}间客房。")
    assert holds(f"它有{number}间客房。", f"它共有{han(number)}间客房。")


@given(NUMBERS, NUMBERS, st.integers(0, 2), st.integers(0, 2))
def test_another_number_is_never_carried(first: int, second: int, one: int, other: int) -> None:
    if first == second:
        return
    claim, evidence = english(first)[one], english(second)[other]
    assert not holds(f"It has {claim} rooms.", f"There are {evidence} rooms in it.")
    assert not holds(f"它有{han(first)}间客房。", f"它共有{second}间客房。")


@given(st.integers(11, 9999), st.sampled_from(["thousand", "million", "billion"]))
def test_a_scale_in_words_and_all_the_digits_are_the_same(tenths: int, scale: str) -> None:
    factor = {"thousand": 1000, "million": 10**6, "billion": 10**9}[scale]
    short, long = Decimal(tenths) / 10, f"{tenths * factor // 10:,}"
    assert holds(f"It has {short} {scale} users.", f"Its {long} users are old.")
    assert holds(f"It has {long} users.", f"Its {short} {scale} users are old.")
    wrong = f"{tenths * factor // 10 + factor:,}"
    assert not holds(f"It has {wrong} users.", f"Its {short} {scale} users are old.")


@given(YEARS)
def test_a_year_as_it_is_spoken_is_the_same(year: int) -> None:
    if 2000 <= year < 2010:
        return
    assert holds(f"It was built in {spoken(year)}.", f"It was built in {year}.")
    assert holds(f"It was built in {year}.", f"They built it in {spoken(year)}.")


@given(YEARS, YEARS)
def test_a_year_is_carried_by_no_other_and_in_its_own_century(year: int, other: int) -> None:
    if year != other:
        assert not holds(f"It was built in {year}.", f"It was built in {other}.")
        assert not holds(f"它建于{year}年。", f"它于{other}年建成。")
    held = f"{year // 10 * 10}s"
    assert holds(f"It was built in the {held}.", f"It was built in {year}.")
    assert not holds(f"It was built in {year}.", f"It was built in the {held}.")


@given(PLACES, st.integers(0, 5), st.integers(0, 5))
def test_a_date_in_any_form_is_the_same(date: tuple[int, int, int], one: int, other: int) -> None:
    assert holds(f"It opened on {dates(*date)[one]}.", f"On {dates(*date)[other]} it opened.")
    forms = dates_han(*date)
    assert holds(f"它于{forms[one % 3]}开放。", f"它于{forms[other % 3]}开放。")


@given(PLACES, PLACES, st.integers(0, 5), st.integers(0, 5))
def test_another_date_is_never_carried(
    date: tuple[int, int, int], wrong: tuple[int, int, int], one: int, other: int
) -> None:
    if date == wrong:
        return
    assert not holds(f"It opened on {dates(*date)[one]}.", f"On {dates(*wrong)[other]} it opened.")
    claim, evidence = dates_han(*date)[one % 3], dates_han(*wrong)[other % 3]
    assert not holds(f"它于{claim}开放。", f"它于{evidence}开放。")


UNITS = (
    ("km", "kilometres", "公里"), ("miles", "mile", "英里"), ("kg", "kilograms", "公斤"),
    ("°C", "degrees Celsius", "摄氏度"), ("percent", "%", "per cent"), ("hours", "hrs", "小时"),
    ("euros", "EUR", "欧元"), ("US dollars", "dollars", "美元"),
    ("sq mi", "square miles", "平方英里"), ("km/h", "kilometres per hour", "km per hour"),
    ("litres", "liters", "升"),
)  # fmt: skip


@given(st.integers(2, 900), st.sampled_from(UNITS), st.sampled_from(UNITS), st.integers(0, 8))
def test_a_unit_is_carried_in_its_own_spellings_alone(
    number: int, unit: tuple[str, ...], wrong: tuple[str, ...], at: int
) -> None:
    claim, own, other = unit[at % 3], unit[at // 3], wrong[at // 3]
    assert holds(f"It is {number} {claim}.", f"They say {number} {own} of it.")
    if unit is not wrong:
        assert not holds(f"It is {number} {claim}.", f"They say {number} {other} of it.")


FIRST = st.sampled_from(["Albert", "Marie", "Joanna", "Viktor", "Ibrahim", "Mei"])
LAST = st.sampled_from(["Einstein", "Curie", "Rowling", "Frankl", "Pasha", "Lindqvist"])


@given(FIRST, LAST, FIRST, LAST)
def test_a_name_is_carried_by_what_has_all_of_it(
    first: str, last: str, wrong: str, other: str
) -> None:
    full = f"Then {first} {last} spoke there."
    assert holds(f"Then {last} spoke.", full)
    assert holds(f"Then {first[0]}. {last} spoke.", full)
    assert holds(f"Then Dr. {last} spoke.", full)
    assert not holds(f"Then {first} {last} spoke.", f"Then {last} spoke there.")
    if (wrong, other) != (first, last):
        assert not holds(f"Then {wrong} {other} spoke.", full)


VERBS = st.sampled_from(["won", "accepted", "visited", "finished", "opened", "supported"])
PLAIN = {"won": "win"}


@given(VERBS, st.sampled_from(["did not {}", "never {}", "didn't {}", "could not {}"]))
def test_a_denial_is_never_carried_by_its_statement(verb: str, denial: str) -> None:
    plain = PLAIN.get(verb, verb.removesuffix("ed"))
    said, denied = f"They {verb} the prize.", f"They {denial.format(plain)} the prize."
    assert not holds(said, denied) and not holds(denied, said)
    assert holds(said, said) and holds(denied, denied)


ORDER = ["All members", "Most members", "Some members"]


@given(st.integers(0, 2), st.integers(0, 2))
def test_who_says_more_carries_who_says_less(claim: int, evidence: int) -> None:
    said, told = f"{ORDER[claim]} agreed.", f"{ORDER[evidence]} agreed."
    assert holds(said, told) == (evidence <= claim)
    assert not holds(said, "No member agreed.")
