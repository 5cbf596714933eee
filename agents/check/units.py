"""Units of measure: their spellings, and factors to one base unit so that 5 km equals 5,000 m."""

from decimal import Decimal
from functools import cache

_TABLE = """
length: m metre metres meter meters 米 公尺 =1; km kilometre kilometres kilometer kilometers 公里 千米 =1000;
  cm centimetre centimetres centimeter centimeters 厘米 公分 =0.01; mm millimetre millimetres millimeter millimeters 毫米 =0.001;
  nm nanometre nanometres nanometer nanometers 纳米 =0.000000001
mile: mi mile miles 英里 =1
yard: yd yard yards 码 =1
foot: ft foot feet 英尺 =1
inch: inch inches 英寸 =1
mass: kg kilogram kilograms kilogramme kilogrammes kilo kilos 公斤 千克 =1; g gram grams gramme grammes 克 =0.001;
  mg milligram milligrams 毫克 =0.000001; t tonne tonnes 吨 =1000
ton: ton tons =1
pound weight: lb lbs =1
ounce: oz ounce ounces 盎司 =1
area: km2 km² sq\u00a0km 平方公里 平方千米 =1000000; m2 m² 平方米 =1; hectare hectares ha 公顷 =10000
acre: acre acres 英亩 =1
volume: litre litres liter liters 升 =1; ml millilitre millilitres milliliter milliliters 毫升 =0.001
gallon: gallon gallons 加仑 =1
second: second seconds sec secs 秒 =1; ms millisecond milliseconds 毫秒 =0.001;
  minute minutes min mins 分钟 =60; hour hours hr hrs 小时 =3600
day: day days 天 =1; week weeks 周 星期 =7; fortnight fortnights =14
month: month months 个月 =1; year years yr yrs year-old years-old 岁 =12; decade decades =120; century centuries 世纪 =1200
percent: % ％ percent per\u00a0cent percentage =1
degree: ° degree degrees 度 =1
celsius: °c ℃ celsius 摄氏度 =1
fahrenheit: °f ℉ fahrenheit 华氏度 =1
kelvin: kelvin kelvins =1
speed: km/h kph kmh =1
mph: mph =1
frequency: hz hertz 赫兹 =1; khz kilohertz =1000; mhz megahertz =1000000; ghz gigahertz =1000000000
power: w watt watts 瓦 =1; kw kilowatt kilowatts 千瓦 =1000; mw megawatt megawatts 兆瓦 =1000000; gw gigawatt gigawatts =1000000000
horsepower: hp horsepower 马力 =1
energy: j joule joules 焦耳 =1; kj kilojoule kilojoules =1000
volt: v volt volts 伏 =1; kv kilovolt kilovolts =1000
data: kb kilobyte kilobytes =1; mb megabyte megabytes =1000; gb gigabyte gigabytes =1000000; tb terabyte terabytes =1000000000
dollar: $ us$ dollar dollars usd 美元 =1
pound: £ pound pounds gbp 英镑 =1
euro: € euro euros eur 欧元 =1
yuan: ¥ yuan cny rmb renminbi 元 人民币 =1
yen: yen jpy 日元 =1
rupee: ₹ rupee rupees 卢比 =1
before christ: bc bce b.c. b.c.e. 公元前 =1
"""

SIGNS = "$£€¥₹"


@cache
def _units() -> dict[str, tuple[str, Decimal]]:
    units: dict[str, tuple[str, Decimal]] = {}
    dimension = ""
    for part in _TABLE.replace(";", "\n").splitlines():
        names, _, factor = part.strip().partition("=")
        if ": " in names:
            dimension, _, names = names.partition(": ")
        for name in names.split(" "):
            if name:
                units[name.replace("\u00a0", " ")] = (dimension, Decimal(factor))
    return units


def unit(name: str) -> tuple[str, Decimal] | None:
    """Return the dimension and the factor to its base unit of a unit's spelling; None for a stranger."""
    return _units().get(name.strip().lower())


@cache
def spellings() -> tuple[str, ...]:
    """All spellings, longest first."""
    return tuple(sorted(_units(), key=lambda name: (-len(name), name)))
