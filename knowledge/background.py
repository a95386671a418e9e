"""Everyday sentences that no shop's articles answer.

They are the ground that vectors are measured from: their mean is taken off every vector (the cosines of raw
sentence embeddings all lie near 0.8), which keeps a collection of two articles from being centred on itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.article import Language

BACKGROUND: Mapping[Language, tuple[str, ...]] = {
    "zh": (
        "后天会降温吗",
        "昨晚的球赛几比几",
        "番茄炒蛋先放哪个",
        "这首歌是谁唱的",
        "我有点想家",
        "周末一起去爬山吧",
        "光速是多少",
        "帮我写一封辞职信",
        "孩子发烧了怎么办",
        "从这里到火车站怎么走",
        "你觉得人生的意义是什么",
        "唐朝一共有多少位皇帝",
        "哪个大学的计算机专业好",
        "最近有什么新闻",
        "好无聊啊",
        "你会唱歌吗",
        "油价又要涨了吗",
        "谁是现任的市长",
        "我昨天没睡好",
        "用英语怎么说谢谢",
    ),
    "en": (
        "is it getting colder on Sunday",
        "what was the score last night",
        "do I add the eggs or the tomatoes first",
        "who sings this song",
        "I miss home a little",
        "let's go hiking this weekend",
        "what is the speed of light",
        "write a resignation letter for me",
        "my son has a fever, what do I do",
        "how do I get to the railway station",
        "what do you think is the meaning of life",
        "how many kings of France were there",
        "which university is best for computer science",
        "anything in the news lately",
        "I'm so bored",
        "can you sing",
        "are petrol prices going up again",
        "who is the mayor at the moment",
        "I slept badly yesterday",
        "how do you say thank you in Spanish",
    ),
}
