"""Near-copies, the limit of a person, and the split: what stays together."""

from dataclasses import dataclass

import pytest

from app.feedback.choosing import PROMPTS, alike, capped, distinct
from app.feedback.marks import Mark
from app.feedback.pairs import derive
from app.feedback.splitting import split

LONG = "The engineer of the weir at Aldmoor was Clara Voss, who drew its gates [1]."


@dataclass(frozen=True)
class One:
    id: str
    group: str
    by: str


def test_alike_looks_at_the_beginning_of_the_shorter_text() -> None:
    assert alike("x" * 100, "x" * 90 + "y" * 10)
    assert not alike("x" * 100, "x" * 89 + "y" * 11)
    assert alike("Clara  Voss\n", "Clara Voss drew the gates of the weir.")
    assert not alike("Nobody knows.", LONG)


def thumbs(make_case, **texts: str):
    cases = {run: make_case(run, text) for run, text in texts.items()}
    marks = [Mark(run, run, "up" if run.startswith("up") else "down", at=1.0) for run in cases]
    return derive(cases, marks, [])


def test_sides_that_begin_alike_are_no_pair(make_case) -> None:
    assert distinct(thumbs(make_case, up=LONG, down=f"{LONG} So it is [1].")) == []
    kept = thumbs(make_case, up=LONG, down="Nobody ever found that out [1].")
    assert distinct(kept) == kept


def test_a_pair_like_another_of_its_prompt_goes(make_case) -> None:
    other = "Nobody ever found that out, as far as these quotes go and can be read [1]."
    pairs = thumbs(make_case, up=LONG, up2=f"{LONG} Indeed [1].", down=other)
    assert len(pairs) == 2 and len(distinct(pairs)) == 1


def test_a_pair_turned_round_is_no_copy(make_case) -> None:
    cases = {"a": make_case("a", LONG), "b": make_case("b", "Nobody knows [1].")}
    marks = [
        Mark("1", "a", "up", by="x"), Mark("2", "b", "down", by="x"),
        Mark("3", "b", "up", by="y"), Mark("4", "a", "down", by="y"),
    ]  # fmt: skip
    assert len(distinct(derive(cases, marks, []))) == 2


def test_nobody_gives_more_than_two_hundred_prompts() -> None:
    given = [One(f"{n}-{k}", f"p{n}", "ann") for n in range(230) for k in range(2)]
    given += [One(f"bob{n}", f"p{n}", "bob") for n in range(5)]
    kept = capped(given)
    assert len({one.group for one in kept if one.by == "ann"}) == PROMPTS
    assert len([one for one in kept if one.by == "ann"]) == 2 * PROMPTS
    assert sum(one.by == "bob" for one in kept) == 5
    assert capped(list(reversed(given))) == list(reversed(kept))


@pytest.mark.parametrize("people", [1, 3])
def test_a_prompt_never_stands_on_both_sides(people: int) -> None:
    given = [One(f"{n}-{k}", f"p{n}", f"u{k % people}") for n in range(80) for k in range(4)]
    parts = split(given, 0.3)
    sides = {side: {id.split("-")[0] for id in getattr(parts, side)} for side in ("train", "test")}
    assert parts.train and parts.test and not sides["train"] & sides["test"]
    assert parts.guarantee == "prompt"
    assert sorted(parts.train + parts.test) == sorted(one.id for one in given)


def test_a_person_stays_on_one_side_where_people_ask_apart() -> None:
    given = [
        One(f"{user}-{n}", f"p{user}.{n % 3}", f"u{user}") for user in range(60) for n in range(6)
    ]
    parts = split(given, 0.2)
    assert parts.guarantee == "prompt and person" and parts.test
    assert not {i.split("-")[0] for i in parts.train} & {i.split("-")[0] for i in parts.test}


def test_a_prompt_that_two_people_share_ties_them_together() -> None:
    given = [One(f"{user}-{n}", f"p{user}.{n}", f"u{user}") for user in range(40) for n in range(3)]
    given += [One(f"{user}-shared", f"shared{user // 2}", f"u{user}") for user in range(40)]
    parts = split(given, 0.3)
    both = {int(i.split("-")[0]) // 2 for i in parts.train} & {
        int(i.split("-")[0]) // 2 for i in parts.test
    }
    assert parts.guarantee == "prompt and person" and parts.test and not both


def test_the_split_is_the_same_each_time_and_nothing_is_lost() -> None:
    given = [One(str(n), f"p{n}", "ann") for n in range(100)]
    assert set(split(given).test) == set(split(list(reversed(given))).test)
    assert split([]).train == () and split(given, 0.0).test == ()


def test_something_is_always_left_to_train_on() -> None:
    for n in range(60):
        assert split([One("1", f"p{n}", "ann")]).train == ("1",)
