"""Containment in English: made pairs of claim and quote, and whether the quote carries the facts.

A line is `claim | quote`. "Carried" says only that no fact of the claim is missing or turned round.
"""

import pytest

from agents.check.case import lay
from agents.claims import split
from agents.events import Quoted

CARRIED = """
It was built in 1889. | The tower was built in eighteen eighty-nine.
It was built in eighteen eighty-nine. | The tower was built in 1889.
It was sold in nineteen oh five. | They sold it in 1905.
It closed in twenty twenty. | The works closed in 2020.
It began in nineteen hundred. | It began in 1900.
It has 3.5 million visitors. | It has 3,500,000 visitors a year.
It has three and a half million visitors. | It has 3.5 million visitors.
Some 3.5m people came. | About 3.5 million people came.
It cost $3.5bn. | It cost 3.5 billion dollars.
It cost US$20 million. | It cost 20 million US dollars.
It cost 20 million U.S. dollars. | It cost USD 20 million.
It sold 1,200 copies. | It sold twelve hundred copies.
Between 10 and 20 ships sank. | Some 10-20 ships sank.
From 10 to 20 ships sank. | 10–20 ships sank.
Between 10 and 20 ships sank. | In all 15 ships sank.
About 15 ships sank. | Between 10 and 20 ships sank.
It lies at least 5 km away. | It lies 5 to 10 km away.
It takes up to 10 hours. | It takes 8 to 10 hours.
More than 300 people came. | In all 312 people came.
At least 300 people came. | More than 300 people came.
Nearly half of the seats were empty. | Nearly 50% of the seats were empty.
Half of the seats were empty. | 50 percent of the seats were empty.
50 % of the seats were empty. | Half of the seats were empty.
Two thirds of the land is forest. | Two-thirds of the land is forest.
A quarter of the land is forest. | 25% of the land is forest.
About a third of the land is forest. | 33 per cent of the land is forest.
It is three quarters full. | It is 75% full.
It was the 3rd attempt. | It was the third attempt.
It was her twenty-first win. | It was her 21st win.
It happened in World War II. | It happened in the Second World War.
He fought in the First World War. | He fought in World War I.
Henry VIII married again. | Henry the Eighth married again.
It opened on 3 May 1889. | It opened on May 3rd, 1889.
It opened on 3 May 1889. | The doors opened on 1889-05-03.
It opened on the third of May 1889. | It opened on 3 May 1889.
It opened on May 3, 1889. | It opened on Friday, 3 May 1889.
It opened on Friday 3 May 1889. | It opened on Friday, May 3, 1889.
It opened in May 1889. | It opened on 3 May 1889.
It opened on 3 May. | It opened on 3 May 1889.
It opened in 1889. | It opened on 3 May 1889.
It opened in the 1880s. | It opened in 1889.
It opened in the eighties. | It opened in the 1980s.
It opened in the 19th century. | It opened in 1889.
It opened in the nineteenth century. | It opened in the 19th century.
It opened in the 19th century. | It opened in the 1880s.
It opened in the 1800s. | It opened in 1889.
He died in 44 BC. | He died in 44 B.C.
It is 5 km long. | It is five kilometres long.
It is 5 kilometers long. | It is 5,000 metres long.
It is 1.5 m deep. | It is 150 cm deep.
It covers 12 square kilometres. | It covers 12 km².
It covers 12 sq mi. | It covers 12 square miles.
It was 30 degrees Celsius. | It was 30 °C.
It was 30°C. | It was 30 degrees centigrade.
It reached minus five degrees Celsius. | It reached -5 °C.
It runs at 60 mph. | It runs at 60 miles per hour.
It runs at 90 km/h. | It runs at 90 kilometres per hour.
It weighs 2 tonnes. | It weighs 2,000 kg.
It cost £40 million. | It cost 40 million pounds.
It lasted 2 hours. | It lasted 120 minutes.
It lasted a decade. | It lasted ten years.
It takes one year. | It takes a year.
Einstein was born in Ulm. | Albert Einstein was born in Ulm.
Then A. Einstein spoke. | Then Albert Einstein spoke.
Dr. Einstein was there. | Albert Einstein was there.
In 1905 President Roosevelt spoke. | In 1905 Theodore Roosevelt spoke.
Then J. K. Rowling spoke. | Then J.K. Rowling spoke.
Then J. K. Rowling spoke. | Then Joanne K. Rowling spoke.
It was made by the United Nations. | It was made by the UN.
It was made by NASA. | It was made by the National Aeronautics and Space Administration (NASA).
It lies in the United States. | It lies in the US.
The Broncos' coach was John Fox. | John Fox coached the Denver Broncos.
It was found by Curie and Becquerel. | Marie Curie and Henri Becquerel found it.
He worked for the BBC's Tony Hall. | He worked for Tony Hall of the BBC.
He studied at Yale University. | He studied at Yale University in 1950.
COVID-19 spreads fast. | The virus that causes COVID-19 spreads fast.
All members voted. | Every member voted.
Most members voted. | The majority of the members voted.
Most members voted. | All the members voted.
Some members voted. | All members voted.
Many members voted. | Most of the members voted.
None of the members voted. | No member voted.
Nobody came. | No one came.
It never rains there. | It does not rain there.
It never opened. | It was never opened.
He did not accept the prize. | He refused the prize.
He could not swim. | He was unable to swim.
The plan was not successful. | The plan was unsuccessful.
Only two ships came back. | Just two ships came back.
He always won. | He won every time.
It is not far, and it did not rain. | It is not far. It did not rain.
It cannot fly. | It can't fly.
"""

LOST = """
It was built in 1889. | The tower was built in eighteen ninety-eight.
It was built in 1889. | The tower was built in 1898.
It was sold in 1905. | They sold it in nineteen fifteen.
It has 3.5 million visitors. | It has 35,000,000 visitors.
It has 3.5 million visitors. | It has 3.5 billion visitors.
It has 3.5 thousand visitors. | It has 3.5 million visitors.
It cost $3.5m. | It cost £3.5m.
It cost 20 million US dollars. | It cost 20 million Canadian dollars.
It cost 20 million euros. | It cost 20 million dollars.
It lies 15 km away. | It lies 10 to 20 km away.
15 ships sank. | Between 10 and 20 ships sank.
20 ships sank. | Between 10 and 20 ships sank.
It lies 5 km away. | It lies 5 to 10 km away.
Between 10 and 20 ships sank. | Some 10-30 ships sank.
More than 10 ships sank. | Less than 10 ships sank.
At least 10 ships sank. | At most 10 ships sank.
Fewer than 10 ships sank. | In all 12 ships sank.
More than 300 people came. | In all 290 people came.
Over 300 people came. | In all 9,000 people came.
Exactly 300 people came. | More than 300 people came.
Half of the seats were empty. | 40% of the seats were empty.
Half of the seats were empty. | A third of the seats were empty.
Two thirds of the land is forest. | A third of the land is forest.
A quarter of the land is forest. | 35% of the land is forest.
It has 50 seats. | Half of the seats were empty.
It was the third attempt. | It was the fourth attempt.
It was the third attempt. | They made 3 attempts.
It has three floors. | The shop is on the third floor.
It happened in World War II. | It happened in World War I.
It happened in the First World War. | It happened in the Second World War.
Henry VIII married again. | Henry VII married again.
It opened on 3 May 1889. | It opened on 5 March 1889.
It opened on 3 May 1889. | It opened on May 13, 1889.
It opened on 3 May 1889. | It opened in May 1889.
It opened on 3 May 1889. | It opened on 3 May 1899.
It opened on 1889-05-03. | It opened on 1889-03-05.
It opened on Friday, 3 May 1889. | It opened on Monday, 6 May 1889.
It opened on Tuesday. | It opened on Thursday.
It opened in June. | It opened in July.
It opened in 1889. | It opened in the 1880s.
It opened in 1889. | It opened in the 19th century.
It opened in the 1870s. | It opened in 1889.
It opened in the 18th century. | It opened in 1889.
It opened in the 20th century. | It opened in the 19th century.
He died in 44 BC. | He died in 44 AD.
It opened at 8 am. | It opened at 8 pm.
It is 5 km long. | It is 5 miles long.
It is 5 km long. | It is 5 metres long.
It covers 12 square kilometres. | It covers 12 square miles.
It covers 12 square kilometres. | It is 12 kilometres long.
It was 30 degrees Celsius. | It was 30 degrees Fahrenheit.
It reached -5 °C. | It reached 5 °C.
It runs at 60 mph. | It runs at 60 km/h.
It weighs 2 tonnes. | It weighs 2 kg.
It lasted 2 hours. | It lasted 2 minutes.
It lasted two weeks. | It lasted two months.
It has 40 rooms and 12 shops. | It has 12 rooms and 40 shops.
The hall seats 300 people. | The hall has 300 lamps and seats 200 people.
Albert Einstein was born in Ulm. | Einstein was born in Ulm.
Albert Einstein was there. | Alfred Einstein was there.
Then A. Einstein spoke. | Then Bernard Einstein spoke.
Then Marie Curie spoke. | Then Pierre Curie spoke.
Einstein was born in Ulm. | Bohr was born in Ulm.
It was led by George W. Bush. | It was led by George H. W. Bush.
It lies in Virginia. | It lies in West Virginia.
It lies in South Korea. | It lies in North Korea.
It lies in Austria. | It lies in Australia.
It lies in Niger. | It lies in Nigeria.
He studied at the University of Paris. | He studied in Paris.
It was in the Roman Empire. | It was a Roman road.
It was made by NASA. | It was made by the ESA.
Then Martin Luther King Sr. spoke. | Then Martin Luther King Jr. spoke.
The Denver Panthers won. | The Denver Broncos beat the Carolina Panthers.
It was the iPhone 12. | It was the iPhone 13.
COVID-18 spreads fast. | COVID-19 spreads fast.
All members voted. | Some members voted.
All members voted. | Most of the members voted.
Most members voted. | Some of the members voted.
Many members voted. | Few members voted.
None of the members voted. | All members voted.
Some members voted. | None of the members voted.
It never rains there. | It often rains there.
It always rains there. | It usually rains there.
It rarely rains there. | It often rains there.
Only two ships came back. | Two ships came back.
He accepted the prize. | He refused the prize.
He accepted the prize. | He did not accept the prize.
He did not win the race. | He won the race. He did not win the cup.
He won the race and did not win the cup. | He did not win the race. He won the cup.
It did not rain. | It rained, and the game was not delayed.
The plan was successful. | The plan was unsuccessful.
It is a known species. | It is an unknown species.
He was able to swim. | He was unable to swim.
It lies north of the river. | It lies south of the river.
It is the largest city. | It is the second largest city.
"""


def _rows(table: str) -> list[tuple[str, str]]:
    rows = [line.partition(" | ") for line in table.strip().splitlines()]
    return [(claim, quote) for claim, _, quote in rows]


def told(claim: str, text: str) -> list[str]:
    """What containment holds against a claim, taken whole, that cites this one quote."""
    quote = Quoted(1, "d", "s", "", text, 0, len(text))
    found: list[str] = []
    for part in split(f"{claim} [1]"):
        case = lay(part, [quote], 6)
        found += [item.because for item in (*case.missing, *case.turned)]
    return found


@pytest.mark.parametrize(("claim", "quote"), _rows(CARRIED))
def test_the_same_fact_in_another_form_is_carried(claim: str, quote: str) -> None:
    assert told(claim, quote) == []


@pytest.mark.parametrize(("claim", "quote"), _rows(LOST))
def test_another_fact_is_not_carried_however_like_the_words(claim: str, quote: str) -> None:
    assert told(claim, quote) != []
