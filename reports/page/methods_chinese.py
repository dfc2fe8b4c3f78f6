"""What each ranking means, in Chinese, by its name; the English is in the engine."""

METHODS = {
    "conditional": "输入处于其最低与最高十分之一时，产出的中位数（或另一统计量），直接取自各情景，"
    "以产出的单位计；若输入相关，则包含随之变动的部分。即@RISK的“产出统计量变化”。",
    "swing": "一个输入由P10变至P90，其余停在中位数。精确，但看不到交互与相关。"
    "Howard（1988），经典的龙卷风图。",
    "rank": "由输入的次序预知产出次序的程度，介于−1与1之间；看不到先升后降的作用。"
    "Spearman（1904）。",
    "regression": "其余输入不变，输入每增一个标准差时产出变动的标准差数（SRC）；"
    "R²小时意义不大。Saltelli等（2008），1.2节。",
    "rank-regression": "对秩作同样的回归（SRRC）：单调作用无论如何弯曲都适用。"
    "Iman与Conover（1979）。",
    "pearson": "输入与产出的线性相关，受极端值支配。Pearson（1895）。",
    "partial": "从两者中扣除其余输入所能解释的部分后剩下的线性相关（PCC）。"
    "线性模型中小输入也接近1："
    "它不度量大小。Saltelli等（2000），第6章。",
    "rank-partial": "对秩作同样的计算（PRCC）。Iman与Helton（1988）。",
    "lmg": "线性模型所解释的秩方差的公平分摊：对输入进入的所有次序取平均。"
    "在R²所及范围内适用于相关输入。Lindeman、Merenda与Gold（1980）；Grömping（2007）。",
    "variance": "一阶指数S1：得知该输入后产出方差消失的份额，由输入的分段估计并扣除抽样噪声。"
    "Sobol'（1993）；估计量为分段方差分析。",
    "delta": "Borgonovo的δ：得知输入前后产出密度之差的平均值的一半；0为无作用，最大为1；"
    "对产出取对数结果不变。Borgonovo（2007）。",
    "pawn": "PAWN：输入某一分段内的产出分布函数与全体之间的最大差距，取十段的中位数。"
    "Pianosi与Wagener（2015、2018）。",
    "regional": "哪些输入导致产出落入最高的二十分之一：输入在其中与其余情景中的分布之差，带符号。"
    "Hornberger与Spear（1981）。",
}
