"""The shop's rules (`policies.yml`) as values. Actions take every figure from here; replies never invent one."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Shop(_Rules):
    name_zh: str
    name_en: str
    timezone: str = "Asia/Shanghai"
    currency: str = "CNY"
    second_currency: str = "USD"
    second_rate: float = Field(gt=0)
    other_rates: dict[str, float] = {}
    phone: str = ""
    email: str = ""

    @property
    def rates(self) -> dict[str, float]:
        """The shop's money for one unit of each currency that customers may name."""
        return {**self.other_rates, self.second_currency: self.second_rate}


class Hours(_Rules):
    agents_from: time
    agents_to: time
    wait_minutes: int = Field(ge=0)


class Shipping(_Rules):
    free_from: float
    fee: float
    remote_fee: float
    remote_regions: tuple[str, ...]
    cutoff: time
    dispatch_hours: int
    days: tuple[int, int]
    remote_days: tuple[int, int]
    overseas_days: tuple[int, int]
    overseas_fee: float
    overseas_free_from: float
    overseas: tuple[str, ...]
    no_tracking_update_hours: int
    lost_after_days: int


class Returns(_Rules):
    days: int
    quality_days: int
    exchange_days: int
    postage: float
    damage_report_hours: int
    not_returnable: tuple[str, ...]


class Refunds(_Rules):
    inspection_days: int
    to_wallet_days: tuple[int, int]
    to_card_days: tuple[int, int]
    approval_above: float


class PriceProtection(_Rules):
    days: int


class Coupon(_Rules):
    code: str
    amount: float
    min_spend: float
    who: str
    until: date | None = None


class Discounts(_Rules):
    coupons: tuple[Coupon, ...]
    stacking: str
    bargaining: bool
    student_percent: float
    bulk_from: int


class Level(_Rules):
    id: str
    zh: str
    en: str
    from_: float = Field(alias="from")
    percent_off: float


class Membership(_Rules):
    points_per_yuan: int
    points_for_one_yuan: int
    points_valid_months: int
    levels: tuple[Level, ...]
    birthday_coupon: float

    def level(self, level_id: str) -> Level:
        return next((level for level in self.levels if level.id == level_id), self.levels[0])


class Warranty(_Rules):
    default_months: int
    repair_days: tuple[int, int]
    battery_months: int


class Invoice(_Rules):
    kinds: tuple[str, ...]
    electronic_hours: int
    paper_days: tuple[int, int]
    request_within_months: int


class Instalments(_Rules):
    from_: float = Field(alias="from")
    months: tuple[int, ...]
    interest_free_months: tuple[int, ...]


class CashOnDelivery(_Rules):
    max: float
    fee: float
    where: str


class Payment(_Rules):
    methods: tuple[str, ...]
    methods_zh: tuple[str, ...]
    instalments: Instalments
    cash_on_delivery: CashOnDelivery
    unpaid_order_minutes: int
    double_charge_refund_days: tuple[int, int]


class Orders(_Rules):
    change_until: str
    bad_misses: int


class Gifts(_Rules):
    wrap_fee: float
    card_free: bool
    hide_price: bool


class TradeIn(_Rules):
    categories: tuple[str, ...]
    quote_valid_days: int


class Privacy(_Rules):
    deletion_days: int
    retention_days: int


class Policies(_Rules):
    shop: Shop
    hours: Hours
    shipping: Shipping
    returns: Returns
    refunds: Refunds
    price_protection: PriceProtection
    discounts: Discounts
    membership: Membership
    warranty: Warranty
    invoice: Invoice
    payment: Payment
    orders: Orders
    gifts: Gifts
    trade_in: TradeIn
    privacy: Privacy
    extra: dict[str, Any] = {}

    @classmethod
    def load(cls, path: Path) -> Policies:
        """Reads a rules file. Raises ValueError that names the file and every wrong entry."""
        try:
            return cls.model_validate(yaml.safe_load(path.read_text("utf-8")))
        except yaml.YAMLError as err:
            raise ValueError(f"{path}: no valid YAML: {err}") from err
        except ValidationError as err:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in err.errors())
            raise ValueError(f"{path}: {wrong}") from err
