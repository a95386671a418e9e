"""Trouble with the account, by what was said. The assistant never sees nor asks for a password."""

from __future__ import annotations

import re

from bot.actions.order_steps import person
from bot.actions.turn import Turn

# The first that fits is answered; the wording is in responses.orders.yml as account_<topic>.
_TOPICS = (
    ("stolen", r"被盗|盗号|异地登录|不是我登|hack|stolen|someone (?:else )?(?:is )?(?:in|using|logged)|compromised"),
    ("locked", r"锁|冻结|异常|封|lock|block|suspend|disabled"),
    (
        "email",
        r"(?:换|改|修改).*邮箱|邮箱.*(?:换|改)|change .*e-?mail|new e-?mail|激活邮件|activation|verification e-?mail",
    ),
    (
        "phone",
        r"(?:换|改|修改|绑).*(?:手机|号码)|手机号?.*(?:换|改|停|不用|丢)|(?:change|new|lost|old) .*(?:phone|number)",
    ),
    ("code", r"验证码|驗證碼|动态码|短信|\bcode\b|\botp\b|\bsms\b|text message"),
    ("password", r"密码|密碼|password|passcode|\bpw\b|\bpwd\b|forgot"),
    ("register", r"注册|註冊|开户|开通|新账号|实名|register|sign(?:ing)? up|create .*account|registration|new account"),
    ("switch", r"切换|换.{0,3}账号|退出登录|登出|合并|switch|log ?out|sign ?out|merge|two accounts"),
)


def account_problem(turn: Turn) -> None:
    topic = next((name for name, words in _TOPICS if re.search(words, turn.text, re.I)), "sign_in")
    urgent = topic in ("stolen", "locked")
    track = turn.button(
        "不登录查订单", "Check an order without signing in", turn.pick("查我的订单", "Where's my order?")
    )
    turn.say(f"account_{topic}", buttons=[person(turn)] if urgent else [track, person(turn)])


ACTIONS = {"action_account_problem": account_problem}
