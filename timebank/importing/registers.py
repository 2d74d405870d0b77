"""The registers that can be read: their columns, by the heads that such lists have, and what a row does."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from timebank.errors import CellWrong
from timebank.importing import values
from timebank.ledger.entries import parse_day

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from timebank.bank import Bank
    from timebank.importing.values import Parse

    Cells = Mapping[str, Any]


@frozen
class Actor:
    """Who reads a file in: *by* acts, *ok* is the second person where one is needed."""

    by: str
    ok: str


@frozen
class Column:
    """A column: the field that it fills, the heads that it goes by, how its cells are read."""

    field: str
    heads: tuple[str, ...]
    parse: str = "code"
    required: bool = False


@frozen
class Form:
    """A kind of list: columns, and groups of fields of which each row needs one."""

    name: str
    columns: tuple[Column, ...]
    one_of: tuple[tuple[str, ...], ...]


@frozen
class Register(Form):
    """A list that is posted: *post* is what a row does."""

    post: Callable[[Bank, Cells, Actor, str], object]


def plain_head(head: str) -> str:
    """A head as it is compared: half-width, lower case, without spaces and signs of obligation."""
    text = unicodedata.normalize("NFKC", head).lower()
    return "".join(character for character in text if not character.isspace() and character not in "*:_-")


CARD: Final = Column("card", ("卡号", "积分卡号", "积分卡", "card", "cardnumber"))
MEMBER: Final = Column("member", ("成员编号", "会员编号", "居民编号", "成员", "member", "memberid"))
_ORG: Final = ("组织", "所属组织", "社区", "村", "小区", "网格", "单位", "org", "organisation", "organization")
_DAY: Final = ("日期", "服务日期", "登记日期", "入库日期", "day", "date")
_SHOP: Final = Column("shop", ("超市", "积分超市", "商店", "门店", "商户", "shop"), "shop", required=True)
_GOOD_HEADS: Final = ("商品", "商品名称", "物品", "物资", "品名", "兑换物品", "good", "goods")
_GOOD: Final = Column("good", _GOOD_HEADS, "good", required=True)
_BALANCE_HEADS: Final = ("积分余额", "现有积分", "剩余积分", "期初积分", "积分", "points", "balance")
_MINUTES: Final = Column("minutes", ("分钟", "服务分钟", "时长(分钟)", "服务时长(分钟)", "minutes"), "minutes")
_HOURS: Final = Column("hours", ("小时", "服务小时", "时长(小时)", "服务时长(小时)", "服务时数", "hours"), "hours")
_DURATION: Final = Column("duration", ("时长", "服务时长", "duration"), "duration")
WHO: Final = (("card", "member"),)


def _minutes(row: Cells) -> int | None:
    """The minutes of a row, whichever column says them; they are said once."""
    said = [row[name] for name in ("minutes", "hours", "duration") if name in row]
    if len(said) > 1:
        raise CellWrong(" ".join(map(str, said)), "duration")
    return said[0] if said else None


def _member(bank: Bank, row: Cells) -> str:
    return str(row["member"]) if "member" in row else bank.members.by_card(row["card"]).id


def _enrol(bank: Bank, row: Cells, actor: Actor, key: str) -> object:
    return bank.members.enrol(
        org=row["org"], kind=row.get("kind", "person"), card=row.get("card"), by=actor.by, key=key
    )


def _card(bank: Bank, row: Cells, actor: Actor, key: str) -> object:
    if "old" in row:
        return bank.cards.replace(row["old"], new=row["card"], by=actor.by, key=key)
    return bank.cards.issue(row["member"], card=row["card"], by=actor.by, key=key)


def _opening(bank: Bank, row: Cells, actor: Actor, key: str) -> object:
    return bank.openings.record(
        _member(bank, row),
        points=row.get("points", 0),
        minutes=_minutes(row) or 0,
        day=row.get("day"),
        by=actor.by,
        approved_by=actor.ok,
        key=key,
    )


def _measure(row: Cells) -> dict[str, Any]:
    measure = {"minutes": _minutes(row), **{name: row.get(name) for name in ("occasions", "grade", "start")}}
    return {name: value for name, value in measure.items() if value is not None}


def _service(bank: Bank, row: Cells, actor: Actor, key: str) -> object:
    return bank.services.record(
        _member(bank, row),
        row["service"],
        day=row["day"],
        org=row.get("org"),
        by=actor.by,
        approved_by=actor.ok,
        key=key,
        **_measure(row),
    )


def _claim(bank: Bank, row: Cells, actor: Actor, key: str) -> object:
    return bank.claims.submit(
        row["service"],
        [_member(bank, row)],
        day=row["day"],
        org=row.get("org"),
        by=actor.by,
        key=key,
        **_measure(row),
    )


def _good(bank: Bank, row: Cells, actor: Actor, key: str) -> object:
    return bank.goods.add(
        row["good"], name=row["name"], name_en=row.get("name_en", row["good"]), by=actor.by, key=key
    )


def _stock(bank: Bank, row: Cells, actor: Actor, key: str) -> object:
    return bank.shops.receive(
        row["shop"],
        {row["good"]: row["pieces"]},
        donor=row.get("donor"),
        bought_by=row.get("bought_by"),
        best_before={row["good"]: row["best"]} if "best" in row else None,
        day=row.get("day"),
        by=actor.by,
        approved_by=actor.ok,
        key=key,
    )


def _price(bank: Bank, row: Cells, actor: Actor, key: str) -> object:
    return bank.shops.set_price(
        row["shop"], row["good"], points=row["points"], from_day=row["from"], by=actor.by, key=key
    )


_SERVICE_COLUMNS: Final = (
    CARD,
    MEMBER,
    Column("service", ("服务项目", "服务", "项目", "活动", "service"), "service", required=True),
    Column("day", _DAY, "day", required=True),
    _MINUTES,
    _HOURS,
    _DURATION,
    Column("occasions", ("次数", "服务次数", "occasions"), "whole"),
    Column("grade", ("等级", "档次", "评比结果", "grade"), "grade"),
    Column("start", ("开始时间", "起始时间", "start"), "clock"),
    Column("org", _ORG, "org"),
)

REGISTERS: Final[dict[str, Register]] = {
    register.name: register
    for register in (
        Register(
            "members",
            (
                Column("org", _ORG, "org", required=True),
                Column("kind", ("类型", "成员类型", "kind", "type"), "kind"),
                CARD,
            ),
            (),
            _enrol,
        ),
        Register(
            "cards",
            (
                Column("card", ("卡号", "新卡号", "card", "newcard"), required=True),
                MEMBER,
                Column("old", ("原卡号", "旧卡号", "oldcard")),
            ),
            (("member", "old"),),
            _card,
        ),
        Register(
            "balances",
            (
                CARD,
                MEMBER,
                Column("points", _BALANCE_HEADS, "whole"),
                _MINUTES,
                _HOURS,
                _DURATION,
                Column("day", _DAY, "day"),
            ),
            WHO,
            _opening,
        ),
        Register("services", _SERVICE_COLUMNS, WHO, _service),
        Register("claims", _SERVICE_COLUMNS, WHO, _claim),
        Register(
            "goods",
            (
                Column("good", ("商品编号", "编号", "good", "goods", "id"), required=True),
                Column("name", ("商品", "商品名称", "名称", "品名", "name"), required=True),
                Column("name_en", ("英文名", "英文名称", "nameen", "english")),
            ),
            (),
            _good,
        ),
        Register(
            "stock",
            (
                _SHOP,
                _GOOD,
                Column("pieces", ("数量", "入库数量", "件数", "pieces", "quantity"), "whole", required=True),
                Column("donor", ("捐赠方", "捐赠人", "捐赠单位", "donor")),
                Column("bought_by", ("采购单位", "采购方", "采购", "boughtby"), "org"),
                Column("day", _DAY, "day"),
                Column("best", ("保质期至", "有效期至", "到期日", "bestbefore"), "day"),
            ),
            (("donor", "bought_by"),),
            _stock,
        ),
        Register(
            "prices",
            (
                _SHOP,
                _GOOD,
                Column(
                    "points", ("兑换价", "兑换积分", "所需积分", "积分", "points", "price"), "whole", required=True
                ),
                Column("from", ("起始日", "生效日期", "执行日期", "自", "from"), "day", required=True),
            ),
            (),
            _price,
        ),
    )
}

_KINDS: Final = {
    "个人": "person",
    "居民": "person",
    "户": "household",
    "家庭": "household",
    "志愿服务队": "team",
    "队伍": "team",
}
_GRADES: Final = {"好": "best", "较好": "good", "一般": "fair", "优": "best", "良": "good", "中": "fair"}


def parsers(bank: Bank) -> dict[str, Parse]:
    """How each kind of cell is read, with the names that *bank* knows things by."""
    books = [bank.rulebooks.on(parse_day("from_day", record.from_day)) for record in bank.rulebooks.all()]
    goods = [(unit.code.lower(), unit.zh) for unit in bank.goods.units()]
    named = {
        "org": [(each.id, each.name) for each in bank.organisations.all()],
        "shop": [(each.id, each.name) for each in bank.shops.all()],
        "good": goods,
        "service": sorted({(row.id, row.zh) for book in books for row in book.services}),
    }
    return {
        "code": values.code,
        "day": values.day,
        "whole": values.whole,
        "minutes": values.minutes,
        "hours": values.hours,
        "duration": values.duration,
        "clock": values.clock,
        "kind": values.one_of(_KINDS, "kind"),
        "grade": values.one_of(_GRADES, "grade"),
        **{name: values.one_of(values.by_name(pairs), name) for name, pairs in named.items()},
    }
