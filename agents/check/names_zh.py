"""Names in Chinese text: bracketed titles, foreign names, places and bodies, people by title."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from agents.check.words import HAN, is_cjk, listed


@dataclass(frozen=True, slots=True)
class HanName:
    """A name, or the part of it whose edges are sure: one of `signs` must stand in evidence."""

    text: str
    start: int
    signs: tuple[str, ...]


_BRACKETED = re.compile(r"[《「『“]([^《》「」『』“”]{2,40})[》」』”]")
_DOTS = "·•‧・∙"
_DOTTED = re.compile(rf"[{HAN}]+(?:[{_DOTS}][{HAN}]+)+")
_PLACE = re.compile(rf"(?P<name>[{HAN}]{{2}})(?P<kind>共和国|大学|学院|王朝|省|市|县|郡|镇)")
_BARE = frozenset("省市县郡镇")
_NO_PLACE = frozenset(
    "的了是在和与及或之也其这那个们于为以而并就都有被把从到对由等将一二两三四五六七八九十百千万几多各全本该此某每"
    "座所家条名位城都超股上下小大新旧老节反外内同另成"
)
_TITLED = re.compile(
    rf"(?P<name>[{HAN}]{{2}})(?:先生|女士|教授|博士|总统|国王|皇帝|女王|将军|上校|总理|首相|(?<!天)主教(?!徒)|夫人|爵士|公爵|伯爵)"
)
_NO_PERSON = _NO_PLACE | frozenset("任副前时位届年男女长学医文理名誉")

_SURNAMES = (
    "李刘陈杨赵吴徐郭梁郑冯萧曹袁邓傅沈彭吕蒋蔡贾丁魏薛叶阎潘杜汪姜姚谭廖邹熊郝崔邱顾侯邵汤尹黎贺赖龚"
    "王张黄周孙胡朱林罗宋谢韩唐董程许苏卢"
)
_PERSON = re.compile(
    rf"(?:(?<=^)|(?<=[，。、；：（《“\s])|(?<=师)|(?<=作家)|(?<=画家)|(?<=学家)|(?<=导演)|(?<=演员)|(?<=诗人)"
    rf"|(?<=歌手)|(?<=教练)|(?<=记者)|(?<=[由是和与]))(?P<name>[{_SURNAMES}][{HAN}]{{1,2}})"
)
_COMMON = frozenset(
    listed("""王国 王朝 王子 王后 王室 王位 王权 王储 张开 张贴 陈述 陈列 黄色 黄金 黄河 黄昏 周围
    周年 周期 周边 周末 周日 周一 周二 周三 周四 周五 周六 孙子 孙女 胡同 胡椒 林业 林地 罗马 罗列
    谢谢 韩国 唐朝 唐代 董事 程序 程度 许多 许可 苏联 苏格 苏打 卢森 卢旺 卢布 宋朝 宋代 汤加 叶子
    叶片 杜绝 杜鹃 蒋介 姜黄 顾问 顾客 顾及 侯爵 丁烷 李子 朱红 杨树 徐徐 沈阳 郑州 梁柱 吴国 赵国
    魏国 韩战 宋国 陈国 曹国""")
)
_FOREIGN = (
    "阿埃艾奥巴贝比伯布查达德迪蒂多恩尔法菲费弗夫福盖格哥古哈汉赫亨霍基吉加杰卡凯坎科克肯库拉莱兰劳勒雷里利卢鲁伦"
    "罗洛马迈曼梅蒙米莫默穆纳娜内尼努诺欧帕佩皮普奇恰乔切琼丘萨塞桑瑟沙舍什圣史斯思索塔泰坦特滕提图托瓦威韦维温沃"
    "乌西希辛休雅亚伊因约扎詹芝兹佐姆丹顿森"
)
_OTHER = {
    "法兰西": "法国",
    "英格兰": "英国",
    "俄罗斯": "俄国",
    "德意志": "德国",
    "大不列": "英国",
    "不列颠": "英国",
}
_RUN = re.compile(rf"[{_FOREIGN}]{{3,}}")


def han_names(text: str) -> Iterator[HanName]:
    """Yield what of a Chinese text is surely a name."""
    if text.isascii():
        return
    for match in _BRACKETED.finditer(text):
        if re.search(f"[{HAN}]", match[1]):
            yield HanName(match[1], match.start(1), (_spaced(match[1]),))
    for match in _DOTTED.finditer(text):
        parts = re.split(f"[{_DOTS}]", match[0])
        for left, right in pairwise(parts):
            yield HanName(f"{left[-4:]}·{right[:4]}", match.start(), (f"{left[-2:]} {right[:2]}",))
    yield from _placed(text)
    yield from _people(text)
    for match in _RUN.finditer(text):
        run = match[0]
        signs = tuple(run[at : at + 3] for at in range(len(run) - 2))
        yield HanName(run, match.start(), (*signs, *(_OTHER[n] for n in signs if n in _OTHER)))


def _spaced(text: str) -> str:
    """A text as evidence is compared: CJK characters, and blanks for all others."""
    return "".join(letter if is_cjk(letter) else " " for letter in text).strip()


def _placed(text: str) -> Iterator[HanName]:
    for match in _PLACE.finditer(text):
        name, kind = match["name"], match["kind"]
        if not _NO_PLACE & {*name}:
            yield HanName(match[0], match.start(), (name if kind in _BARE else match[0],))


def _people(text: str) -> Iterator[HanName]:
    for match in _TITLED.finditer(text):
        if not _NO_PERSON & {*match["name"]}:
            yield HanName(match["name"], match.start(), (match["name"],))
    for match in _PERSON.finditer(text):
        name = match["name"]
        if name[:2] not in _COMMON:
            yield HanName(name, match.start(), (name[:2],))
