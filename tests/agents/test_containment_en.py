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
The company employs about 2,000 people. | The company has 1,987 employees.
The river is 1,320 km long. | At 1,320 kilometres, the river is the longest in the country.
Sales rose by 12 percent in 2019. | In 2019 sales increased 12%.
Sales rose from $2 million to $3 million. | Sales went up from $2m to $3m.
The war lasted from 1914 to 1918. | The First World War (1914–1918) was fought in Europe.
The war began in 1914. | The war of 1914–18 was long.
She won two gold medals. | She took home a pair of gold medals.
The law passed by 52 votes to 48. | The law was passed 52–48.
He was 25 years old. | The 25-year-old player was new.
It stands on 5th Avenue. | The shop is on Fifth Avenue.
The temperature fell to -40 °C. | Temperatures of minus 40 degrees Celsius were measured.
Around 1.4 billion people live in China. | China has a population of 1,402,000,000.
The film runs 120 minutes. | The film is two hours long.
The church dates from the 12th century. | The church was begun in 1163.
The Titanic sank in April 1912. | RMS Titanic sank on 15 April 1912.
The prize was $1 million. | The prize was one million dollars.
Marie Curie won two Nobel Prizes. | Curie (Marie Sklodowska-Curie) won two Nobel Prizes.
The WHO declared a pandemic. | The World Health Organization declared a pandemic.
The U.S. Congress met. | The United States Congress met.
Beethoven never married. | Beethoven did not marry.
Nobody survived. | There were no survivors.
None of the bridges was damaged. | No bridge was damaged.
Penguins cannot fly. | Penguins are flightless birds that are not able to fly.
A fifth of the staff left. | 20% of the staff left.
More than half of voters agreed. | 56% of voters agreed.
It opened on the 1st of June, 2001. | It was opened on June 1, 2001.
He signed on Christmas Day 1991. | He signed on Christmas Day, 1991.
The book has 300 pages and 12 chapters. | The book has 12 chapters over 300 pages.
The city's population is 8.4 million. | The city has 8.4 million residents.
The stadium holds 80,000 spectators. | The stadium can seat eighty thousand spectators.
The tunnel is 57.1 km long. | With a length of 57.1 kilometres, the tunnel is deep.
Rainfall averages 600 mm a year. | Average annual rainfall is 60 cm.
The treaty was signed on 7 February 1992. | On 7 Feb 1992 the treaty was signed.
He ruled in the 3rd century BC. | He ruled from 247 BC.
The car costs less than $30,000. | The car costs $28,500.
The team lost 4 of 16 games. | The team won 12 of 16 games and lost 4.
Queen Elizabeth II opened it. | It was opened by Elizabeth II.
The EU has 27 members. | The European Union has 27 members.
It is the third largest lake. | It is the third-largest lake in the country.
Nearly all birds can fly. | Almost all birds can fly.
Both parents are doctors. | Her mother and father are both doctors.
The vaccine was 95% effective. | The vaccine had an effectiveness of 95 per cent.
The mountain rises to 4,810 metres. | At 4,810 m the mountain is the highest.
The song was released in the late 1960s. | The song was released in 1968.
It was the first time in 50 years. | For the first time in half a century, in 50 years.
Not all members agreed. | Some members did not agree.
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
The company employs about 2,000 people. | The company has 2,987 employees.
The river is 1,320 km long. | At 1,230 kilometres, the river is long.
Sales rose by 12 percent. | Sales rose by 12 million dollars.
Sales rose by 12 percent in 2019. | Sales fell by 12 percent in 2019.
Sales rose from $3 million to $2 million. | Sales went from $2m to $5m.
The war began in 1914. | The war ended in 1918.
He was 25 years old. | He was 52 years old.
It stands on 5th Avenue. | It stands on 6th Avenue.
The film runs 120 minutes. | The film runs 102 minutes.
The church dates from the 12th century. | The church was begun in 1263.
The Titanic sank in April 1912. | The Titanic sank in May 1912.
The prize was 1 million euros. | The prize was one million dollars.
Pierre Curie won two Nobel Prizes. | Marie Curie won two Nobel Prizes.
The WHO declared a pandemic. | The World Trade Organization declared a pandemic.
Beethoven married. | Beethoven never married.
All bridges were damaged. | Some of the bridges were damaged.
A fifth of the staff left. | A fourth of the staff left.
More than half of voters agreed. | 46% of voters agreed.
It opened on June 1, 2001. | It opened on July 1, 2001.
The city's population is 8.4 million. | The city's population is 4.8 million.
The book has 12 pages and 300 chapters. | The book has 300 pages and 12 chapters.
The east wing was closed. | The west wing was closed.
He was the first president. | He was the second president.
The drug is legal. | The drug is illegal.
At least 40 people died. | Up to 40 people died.
Only the north tower fell. | The north tower fell.
It weighs 70 pounds. | It weighs 70 kilograms.
The minimum age is 18. | The maximum age is 18.
He arrived on Sunday. | He arrived on Saturday.
The match ended 3-2. | The match ended 3-1.
It happened in the early 1990s. | It happened in the early 1980s.
Isaac Newton wrote it. | Albert Einstein wrote it.
Louis XIV reigned. | Louis XVI reigned.
Apollo 11 landed there. | Apollo 13 did not land there.
The Boeing 747 flew. | The Boeing 737 flew.
The road is open daily. | The road is not open daily.
The stadium holds 80,000 spectators. | The stadium holds 18,000 spectators.
The tunnel is 57.1 km long. | The tunnel is 51.7 km long.
Rainfall averages 600 mm a year. | Rainfall averages 600 cm a year.
The treaty was signed on 7 February 1992. | The treaty was signed on 2 July 1992.
He ruled in the 3rd century BC. | He ruled in the 3rd century AD.
The car costs less than $30,000. | The car costs $32,500.
Queen Elizabeth II opened it. | It was opened by Elizabeth I.
The EU has 27 members. | The UN has 27 members.
It is the largest lake. | It is the third-largest lake.
The museum is open on Mondays. | The museum is closed on Mondays.
All birds can fly. | Almost all birds can fly.
The vaccine was 95% effective. | The vaccine was 59% effective.
The song was released in the late 1960s. | The song was released in 1978.
Every seat was taken. | Not every seat was taken.
The plane has three engines. | The plane has three wheels and two engines.
The council rejected the plan. | The council approved the plan.
Anna Schmidt chaired it. | Anna Schmitz chaired it.
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
