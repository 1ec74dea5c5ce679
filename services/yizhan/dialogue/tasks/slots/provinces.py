"""The 34 province-level divisions of China, in full and as people write them for short (GB/T 2260)."""

MUNICIPALITIES = ("北京", "天津", "上海", "重庆", "香港", "澳门")
"""Their districts lie directly below them; no city stands between."""

_PLAIN = "河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾"
_REGIONS = {
    "内蒙古": ("内蒙古自治区", "内蒙"),
    "广西": ("广西壮族自治区", "广西省"),
    "西藏": ("西藏自治区",),
    "宁夏": ("宁夏回族自治区",),
    "新疆": ("新疆维吾尔自治区",),
}


def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for short in _PLAIN.split():
        names[short] = names[short + "省"] = short
    for short in MUNICIPALITIES:
        names[short] = names[short + "市"] = short
    for short in ("香港", "澳门"):
        names[short + "特别行政区"] = short
    for short, others in _REGIONS.items():
        names[short] = short
        names.update(dict.fromkeys(others, short))
    return names


PROVINCES: dict[str, str] = _names()
"""Every way to write a province, and its short name."""
