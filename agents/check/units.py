"""Units of measure: their spellings, and factors to one base unit so that 5 km equals 5,000 m."""

from decimal import Decimal
from functools import cache

_TABLE = """
length; 1; m metre metres meter meters 米 公尺
length; 1000; km kilometre kilometres kilometer kilometers 公里 千米
length; 0.01; cm centimetre centimetres centimeter centimeters 厘米 公分
length; 0.001; mm millimetre millimetres millimeter millimeters 毫米
length; 0.000000001; nm nanometre nanometres nanometer nanometers 纳米
mile; 1; mi mile miles 英里
yard; 1; yd yard yards 码
foot; 1; ft foot feet 英尺
inch; 1; inch inches 英寸
mass; 1; kg kilogram kilograms kilogramme kilogrammes kilo kilos 公斤 千克
mass; 0.001; g gram grams gramme grammes 克
mass; 0.000001; mg milligram milligrams 毫克
mass; 1000; t tonne tonnes 吨
ton; 1; ton tons
mass; 1000; metric_ton metric_tons
pound weight; 1; lb lbs
ounce; 1; oz ounce ounces 盎司
area; 1000000; km2 km² sq_km square_kilometre square_kilometres square_kilometer
area; 1000000; square_kilometers square_km 平方公里 平方千米
area; 1; m2 m² sq_m square_metre square_metres square_meter square_meters 平方米
square mile; 1; sq_mi square_mile square_miles mi2 mi² 平方英里
square foot; 1; sq_ft square_foot square_feet ft2 ft² 平方英尺
area; 10000; hectare hectares ha 公顷
acre; 1; acre acres 英亩
volume; 1000; m3 m³ cubic_metre cubic_metres cubic_meter cubic_meters 立方米
volume; 1; litre litres liter liters 升
volume; 0.001; ml millilitre millilitres milliliter milliliters 毫升
gallon; 1; gallon gallons 加仑
second; 1; second seconds sec secs 秒
second; 0.001; ms millisecond milliseconds 毫秒
second; 60; minute minutes min mins 分钟
second; 3600; hour hours hr hrs 小时
day; 1; day days 天
day; 7; week weeks 周 星期
day; 14; fortnight fortnights
month; 1; month months 个月
month; 12; year years yr yrs year-old years-old 岁
month; 120; decade decades
month; 1200; century centuries 世纪
percent; 1; % ％ percent per_cent percentage
degree; 1; ° degree degrees 度
celsius; 1; °c ℃ celsius degrees_celsius degree_celsius degrees_centigrade 摄氏度 摄氏
fahrenheit; 1; °f ℉ fahrenheit degrees_fahrenheit 华氏度 华氏
kelvin; 1; kelvin kelvins
speed; 1; km/h kph kmh kilometres_per_hour kilometers_per_hour km_per_hour
speed; 1; 公里/小时 公里每小时 千米/小时 千米每小时
mph; 1; mph miles_per_hour mile_per_hour
metre a second; 1; m/s metres_per_second meters_per_second 米/秒 米每秒
frequency; 1; hz hertz 赫兹
frequency; 1000; khz kilohertz
frequency; 1000000; mhz megahertz
frequency; 1000000000; ghz gigahertz
power; 1; w watt watts 瓦
power; 1000; kw kilowatt kilowatts 千瓦
power; 1000000; mw megawatt megawatts 兆瓦
power; 1000000000; gw gigawatt gigawatts
horsepower; 1; hp horsepower 马力
energy; 1; j joule joules 焦耳
energy; 1000; kj kilojoule kilojoules
volt; 1; v volt volts 伏
volt; 1000; kv kilovolt kilovolts
data; 1; kb kilobyte kilobytes
data; 1000; mb megabyte megabytes
data; 1000000; gb gigabyte gigabytes
data; 1000000000; tb terabyte terabytes
dollar; 1; $ us$ dollar dollars usd us_dollar us_dollars u.s._dollar u.s._dollars 美元 美金
dollar; 1; american_dollars
canadian dollar; 1; canadian_dollar canadian_dollars c$ cad 加元 加拿大元
australian dollar; 1; australian_dollar australian_dollars a$ aud 澳元
hong kong dollar; 1; hong_kong_dollar hong_kong_dollars hk$ hkd 港元 港币
new taiwan dollar; 1; nt$ 新台币 新臺幣
pound; 1; £ pound pounds gbp 英镑
euro; 1; € euro euros eur 欧元
yuan; 1; ¥ yuan cny rmb renminbi 元 人民币
yen; 1; yen jpy 日元
rupee; 1; ₹ rupee rupees 卢比
won; 1; ₩ krw 韩元
rouble; 1; rouble roubles ruble rubles 卢布
franc; 1; franc francs 法郎
before noon; 1; a.m. am
after noon; 1; p.m. pm
before christ; 1; bc bce b.c. b.c.e. 公元前
"""
"""Dimension, factor to its base unit, spellings; an underscore is a blank within a spelling."""

SIGNS = "$£€¥₹"


@cache
def _units() -> dict[str, tuple[str, Decimal]]:
    units: dict[str, tuple[str, Decimal]] = {}
    for line in _TABLE.strip().splitlines():
        dimension, factor, names = line.split("; ")
        for name in names.split(" "):
            units[name.replace("_", " ")] = (dimension, Decimal(factor))
    return units


def unit(name: str) -> tuple[str, Decimal] | None:
    """Return the dimension of a unit and the factor to its base unit; None if unknown."""
    return _units().get(name.strip().lower())


@cache
def spellings() -> tuple[str, ...]:
    """All spellings, longest first."""
    return tuple(sorted(_units(), key=lambda name: (-len(name), name)))
