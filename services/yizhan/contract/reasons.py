"""What can be wrong with a contract beside what can be wrong with any document, in Chinese and English."""

from collections.abc import Sequence

from yizhan.core.documents.reasons import Reason

# --- single values

NOT_A_DURATION = Reason(
    "时长要写成 10s、30m、2h、1d12h 这样（天、时、分、秒），大于零，最长 3650d",
    "a length of time is written like 10s, 30m, 2h or 1d12h, is above zero and 3650d at most",
)
NOT_A_SHARE = Reason(
    "比例要写成 95% 或 0.95 这样，在 0 与 100% 之间", "a share is written like 95% or 0.95, between 0 and 100%"
)
NOT_POINTS = Reason("要写 0 到 100 之间的分数，不带百分号", "must be points from 0 to 100, without a percent sign")
NOT_A_ZONE = Reason(
    "没有这个时区；要写成 Asia/Shanghai 这样", "there is no such time zone; one is called like Asia/Shanghai"
)
NOT_AN_ID = Reason(
    "只能由小写字母、数字和连字符组成，以字母开头，最多 64 个字符",
    "has up to 64 small letters, digits and hyphens, beginning with a letter",
)
NOT_ONE_LINE = Reason("只能是一行文字，1 至 200 个字符", "must be one line of 1 to 200 characters")
NOT_A_COUNTRY = Reason(
    "没有这个国家或地区的节假日；要写成 CN、DE-BY 这样的代码，或 none",
    "no public holidays are known for it; write a code like CN or DE-BY, or none",
)
NOT_A_DAY = Reason("日期要写成 2027-02-06 这样", "a day is written like 2027-02-06")

NOT_A_SWITCH = Reason(
    "要写 true 或 false，或者写明 lead、latest、tries 和 retry",
    "must be true or false, or say lead, latest, tries and retry",
)

# --- hours

NOT_HOURS = Reason(
    '时间段要写成 "09:00-18:00" 这样，在 00:00 与 24:00 之间',
    'hours are written like "09:00-18:00", between 00:00 and 24:00',
)
BACKWARDS_HOURS = Reason(
    "结束早于开始；跨过午夜的要分成两段：当天到 24:00，次日从 00:00 起",
    "ends before it begins; over midnight, write two: to 24:00 on this day, from 00:00 on the next",
)
BACKWARDS_DAYS = Reason("星期的范围倒了；跨周的要分开写", "the days run backwards; over the weekend, write two ranges")
NEVER_OPENS = Reason("这个日历一周里没有任何开放的时间", "this calendar is never open in any week")
RESERVED = Reason(
    "always 是现成的、永不关闭的日历，不能另行定义",
    "always is there already and is never closed; it cannot be defined",
)
MAKE_UP_UNUSED = Reason(
    "没有 holidays 就没有调休日，make_up_hours 不起作用", "without holidays there are no make-up days for it"
)


def overlapping(one: str, other: str) -> Reason:
    return Reason(f"时间段重叠：{one} 与 {other}", f"these hours overlap: {one} and {other}")


def not_days(name: str, meant: str) -> Reason:
    return Reason(
        f"“{name}”不是星期" + (f"；是不是想写“{meant}”？" if meant else "；写 mon 到 sun、mon-fri、mon,wed 或 daily"),
        f"'{name}' is no weekday"
        + (f"; did you mean '{meant}'?" if meant else "; write mon to sun, mon-fri, mon,wed or daily"),
    )


def repeated_weekday(day: str) -> Reason:
    return Reason(f"{day} 已经写过了", f"{day} is there already")


# --- what does not go together


def no_calendar(name: str, known: Sequence[str], meant: str) -> Reason:
    hint = (
        (f"；是不是想写“{meant}”？", f"; did you mean '{meant}'?")
        if meant
        else (f"；有：{'、'.join(known)}", f"; there are: {', '.join(known)}")
    )
    return Reason(f"没有名为“{name}”的日历{hint[0]}", f"there is no calendar named '{name}'{hint[1]}")


def not_below(key: str, value: str, other: str, limit: str) -> Reason:
    return Reason(f"{key}（{value}）要小于 {other}（{limit}）", f"{key} ({value}) must be less than {other} ({limit})")


def longer(what: str, length: str, than: str, limit: str) -> Reason:
    return Reason(f"{what}（{length}）比 {than}（{limit}）长", f"{what} ({length}) is longer than {than} ({limit})")


def not_later(after: str, before: str) -> Reason:
    return Reason(f"{after} 不晚于前一步（{before}）", f"{after} is not later than the step before ({before})")


def not_wider(to: str, before: str) -> Reason:
    return Reason(
        f"{to} 不比前一步（{before}）更广；顺序是 group、everyone、supervisors、ticket",
        f"{to} goes no farther than the step before ({before}); the order is group, everyone, supervisors, ticket",
    )


def before_the_end(window: str) -> Reason:
    return Reason(
        f"工单在 window（{window}）结束时才开，不能更早",
        f"the ticket comes when the window ends ({window}), not before",
    )


def with_the_ticket(window: str) -> Reason:
    return Reason(
        f"和开工单同时（{window}），等于没有这一步", f"comes together with the ticket ({window}), too late for anybody"
    )


def slower_than(name: str, length: str, than: str, limit: str) -> Reason:
    return Reason(
        f"{name}（{length}）比不那么急的 {than}（{limit}）还慢",
        f"{name} ({length}) is slower than {than} ({limit}), which is less pressing",
    )


def kept_too_short(length: str, least: str) -> Reason:
    return Reason(
        f"响应记录至少要保存三个月（{least}），这里是 {length}",
        f"response records are kept for three months at least ({least}), not {length}",
    )


def above_target(below: str, target: str) -> Reason:
    return Reason(
        f"{below} 高于目标 {target}：达标的也要赔了",
        f"{below} is above the target {target}: what meets it would be compensated",
    )


def not_descending(below: str, before: str) -> Reason:
    return Reason(f"{below} 不低于前一档（{before}）", f"{below} is not below the tier before ({before})")


def not_ascending(credit: str, before: str) -> Reason:
    return Reason(
        f"赔付 {credit} 不高于前一档（{before}），而指标更差",
        f"{credit} is no more than the tier before ({before}), for a worse figure",
    )


def above_most(credit: str, most: str) -> Reason:
    return Reason(f"{credit} 超过合计上限 at_most（{most}）", f"{credit} is more than at_most ({most})")


def repeated_item(name: str) -> Reason:
    return Reason(f"“{name}”写了不止一次", f"'{name}' is there more than once")


# --- overrides

CLOSED_OR_HOURS = Reason("closed: true 和 hours 必须恰好写一个", "exactly one of 'closed: true' and 'hours' is needed")
UNTIL_BEFORE = Reason("until 早于 day", "until is before day")
UNTIL_TOO_FAR = Reason("day 到 until 最多一年", "day to until is one year at most")


def repeated_day(day: str, line: int) -> Reason:
    return Reason(f"{day} 在第 {line} 行已经写过了", f"{day} is there already, in line {line}")
