"""The sentences of the reports in Chinese, by the English ones."""

from __future__ import annotations

from rangecast.reports.page.chinese import PAGE

UNITS = {
    "CNY": "元",
    "USD": "美元",
    "EUR": "欧元",
    "s": "秒",
    "day": "日",
    "week": "周",
    "month": "月",
    "year": "年",
    "hour": "小时",
    "percent": "百分比",
}
"""Words of units that every model may use."""

CHINESE = PAGE | {
    # workbook
    "95 % intervals of the sampling error": "抽样误差的95%区间",
    "Change values, save, and run again: rangecast run MODEL --inputs FILE.xlsx": (
        "修改数值、保存后再次运行：rangecast run MODEL --inputs FILE.xlsx"
    ),
    "Distributions": "分布",
    "Inputs": "输入",
    "Numbers carry every digit; formats only show fewer.": (
        "单元格保存全部有效数字，格式只显示其中一部分。"
    ),
    "Percentile curves": "分位曲线",
    "Percentiles": "分位数",
    "Rankings": "排名",
    "Samples": "样本",
    "Share of scenarios at or below each value": "不超过各数值的情景比例",
    "What may stand in the column distribution of the sheet {name}": (
        "工作表{name}的distribution列可填内容"
    ),
    "What moves {label}": "影响{label}的因素",
    "base case at": "基准情形位于",
    "baseline": "基线",
    "change from the baseline": "相对基线的变化",
    "change, input high": "变化（输入偏高）",
    "change, input low": "变化（输入偏低）",
    "every method of every output shown; see rangecast explain METHOD": (
        "所示各输出的全部方法；参见 rangecast explain METHOD"
    ),
    "the first {shown} of {count} scenarios": "{count}个情景中的前{shown}个",
    "unit": "单位",
    "{count} scenarios · seed {seed}": "{count}个情景 · 种子{seed}",
    "{label}: bands per period": "{label}：各期区间",
    "{label}: {middle} (P50); nine in ten scenarios between {low} and {high}": (
        "{label}：{middle}（P50）；十分之九的情景介于{low}与{high}之间"
    ),
    # first screen
    "view as of {day}": "截至{day}的视角",
    "reconstructed view as of {day}": "截至{day}的重建视角",
    "mean": "均值",
    "n/a": "无",
    "{source}: {figures}; chance of more: {chance}": "{source}：{figures}；更高的概率：{chance}",
    "Base case of {output}: not a finite number": "{output}的基准情形不是有限数",
    "Base case (every input at its base value): {label} {value} = {place}": (
        "基准情形（各输入取基准值）：{label} {value} = {place}"
    ),
    "sampling error n/a": "抽样误差无法给出",
    "Sampling error (P50 ±{share} %) is not model error": "抽样误差（P50 ±{share} %）不是模型误差",
    "Sampling error (P50 ±{share} % of P5–P95) is not model error": (
        "抽样误差（P50 ±{share} %，以P5–P95计）不是模型误差"
    ),
    "P50 may be {low} to {high} by sampling error, which is not model error": (
        "抽样误差使P50可在{low}至{high}之间，这不是模型误差"
    ),
    "inputs are independent": "各输入相互独立",
    "one pair of inputs is correlated": "1对输入相关",
    "{pairs} pairs of inputs are correlated": "{pairs}对输入相关",
    "{error}; {words}.": "{error}；{words}。",
    "{label} in {share}": "{label}：{share}",
    "{shares} of scenarios.": "{shares}的情景。",
    "(no input moves this output)": "（没有输入影响该输出）",
    "{count} scenarios": "{count}个情景",
    "1 scenario": "1个情景",
    "seed": "种子",
    "One scenario, no spread: its values stand in every column; intervals n/a.": (
        "只有一个情景，没有分布：各列均为其数值，无区间。"
    ),
    "No finite value: nothing to rank.": "没有有限值，无法排序。",
    # drivers
    "What moves {label}: {asked}": "影响{label}的因素：{asked}",
    "{statistic} in the lowest and highest tenth of each input": (
        "各输入最低与最高十分之一情景中的{statistic}"
    ),
    "each input alone from its P10 to its P90, others at base": (
        "单个输入由P10变到P90，其余取基准值"
    ),
    "each input alone from its P10 to its P90, others at median": (
        "单个输入由P10变到P90，其余取中位数"
    ),
    "Spearman rank correlation with each input": "与各输入的斯皮尔曼秩相关",
    "standardised coefficient of each input in a linear regression": "线性回归的标准化系数",
    "share of variance that each input explains alone (first-order index S1)": (
        "各输入单独解释的方差比重（一阶指数S1）"
    ),
    "how far knowing each input moves the whole distribution (Borgonovo's δ)": (
        "得知各输入使整个分布移动多少（Borgonovo δ）"
    ),
    "distance between the distribution in slices of each input and in all (PAWN, median)": (
        "各输入分段内分布与总体分布的距离（PAWN，中位数）"
    ),
    "which inputs lead to the highest twentieth (signed KS distance)": (
        "哪些输入导致最高的二十分之一（带符号KS距离）"
    ),
    "Pearson correlation with each input": "与各输入的皮尔逊相关",
    "partial correlation with each input, what others explain linearly taken out": (
        "与各输入的偏相关（扣除其他输入的线性解释）"
    ),
    "Pearson coefficient": "皮尔逊系数",
    "partial correlation coefficient": "偏相关系数",
    "Pearson correlation with each input, in %": "与各输入的皮尔逊相关，%",
    "partial correlation with each input, in %": "与各输入的偏相关，%",
    "Borgonovo's δ": "Borgonovo δ",
    "PAWN (median KS distance of ten slices)": "PAWN（十段KS距离的中位数）",
    "signed KS distance, highest twentieth against all": "带符号KS距离，最高二十分之一与总体",
    "how far knowing each input moves the whole distribution (Borgonovo's δ), in %": (
        "得知各输入使整个分布移动多少（Borgonovo δ），%"
    ),
    "distance of slices of each input from all (PAWN, median), in %": (
        "各输入分段与总体的距离（PAWN，中位数），%"
    ),
    "which inputs lead to the highest twentieth (signed KS distance), in %": (
        "哪些输入导致最高的二十分之一（带符号KS距离），%"
    ),
    "every input at its base value": "各输入取基准值",
    "every input at its median": "各输入取中位数",
    "median of the output, inputs independent": "输出的中位数（输入独立）",
    "median of the output (P50)": "输出的中位数（P50）",
    "base values are not medians": "基准值不是中位数",
    "non-linearity": "非线性",
    "correlation": "相关性",
    "skew": "偏斜",
    "From the point estimate of {label} to its median and mean:": (
        "{label}：由点估计到中位数与均值"
    ),
    "({count} further scenarios without correlations)": "（另运行{count}个不含相关性的情景）",
    "Worth knowing: how much narrower P5–P95 gets if an input is known exactly": (
        "信息价值：若确知某输入，P5–P95平均收窄多少"
    ),
    "Worth knowing: how much narrower P5–P95 gets on the log axis if an input is known": (
        "信息价值：若确知某输入，对数轴上P5–P95平均收窄多少"
    ),
    "Why the estimate of {label} moves": "{label}的估计为何变动",
    "percentile of the input": "输入的分位",
    "{label} along its inputs": "{label}随各输入的变化",
    "rank": "名次",
    "{label}: probability of each rank in %": "{label}：各名次的概率（%）",
    "not monotone: {names}": "非单调：{names}",
    "{label} peaks inside its range": "{label}在其范围内达到峰值",
    "{label} dips inside its range": "{label}在其范围内达到谷值",
    "first is {first} in {one} of redrawn rankings, the top three are the same in {three}": (
        "重抽排序中{first}居首的比例为{one}，前三位相同的比例为{three}"
    ),
    "Spearman coefficient": "斯皮尔曼系数",
    "standardised regression coefficient": "标准化回归系数",
    "share of variance (first-order index S1)": "方差比重（一阶指数S1）",
    "all at base": "全部取基准值",
    "all at median": "全部取中位数",
    "alone": "单独",
    "alone: P10 … P90, others at medians": "单独：P10 … P90，其余取中位数",
    "the linear model explains {share} of the variance (R²)": "线性模型解释方差的{share}（R²）",
    "the indices of single inputs add up to {total}; the rest is interaction": (
        "各输入指数之和为{total}，其余为交互作用"
    ),
    "swing {width}": "幅度{width}",
    "other {count} inputs together: {amount} (root sum of squares)": (
        "其余{count}个输入合计：{amount}（平方和开方）"
    ),
    "other input: {amount}": "其余1个输入：{amount}",
    "act only through correlation: {names}": "仅通过相关性起作用：{names}",
    "log axis": "对数轴",
    " (log scale)": "（对数刻度）",
    "{low} input at its P10 · {high} at its P90": "{low} 输入取P10 · {high} 取P90",
    "{low} input in its lowest tenth · {high} in its highest tenth": (
        "{low} 输入处于最低十分之一 · {high} 处于最高十分之一"
    ),
    "inputs correlated": "输入相关",
    "inputs independent": "输入独立",
    "{count} smaller inputs not shown": "另有{count}个较小的输入未显示",
    "input at its P10": "输入取P10",
    "input at its P90": "输入取P90",
    "input in its lowest tenth": "输入处于最低十分之一",
    "input in its highest tenth": "输入处于最高十分之一",
    # bands and periods
    "base case {value} = {place}": "基准情形 {value} = {place}",
    "shaded: P5–P95 and P25–P75": "阴影：P5–P95与P25–P75",
    "bands P5–P95 and P25–P75": "区间P5–P95与P25–P75",
    "year from {day}": "自{day}起的年度",
    "axis starts at {value}": "纵轴始于{value}",
    "{label} by {step}": "{label}（按{step}）",
    "year": "年",
    "quarter": "季",
    "month": "月",
    "limit {limit}; {chance}": "上限{limit}；{chance}",
    "never 10 % above": "超过的概率始终不到10 %",
    "{period}: {share} chance above": "{period}：超过的概率{share}",
    "What moves {label} by period": "各期影响{label}的因素",
    "change of {statistic} from lowest to highest tenth of the input, in % of P5–P95": (
        "输入由最低到最高十分之一时{statistic}的变化，占P5–P95的%"
    ),
    "each input alone from its P10 to its P90, in % of P5–P95": (
        "单个输入由P10变到P90，占P5–P95的%"
    ),
    "Spearman rank correlation with each input, in %": "与各输入的斯皮尔曼秩相关，%",
    "standardised coefficient of each input in a linear regression, in %": (
        "线性回归的标准化系数，%"
    ),
    "share of variance that each input explains alone (first-order index S1), in %": (
        "各输入单独解释的方差比重（一阶指数S1），%"
    ),
    # back-test
    "date": "日期",
    "observed": "实际值",
    "percentile": "分位",
    "90 % band": "90 %区间",
    "inside": "之内",
    "outside": "之外",
    "open": "未定",
    "model": "模型",
    "{case}: {inside} of {count} outcomes inside": "{case}：{count}项结果中{inside}项在区间内",
    "{case}: {inside} of {count} outcomes inside, {many} open": (
        "{case}：{count}项结果中{inside}项在区间内，{many}项未定"
    ),
    "[ ]: at the ends of the outcome's own 90 % interval; open: it crosses P5 or P95": (
        "[ ]：实际值自身90 %区间两端的分位；未定：该区间跨越P5或P95"
    ),
    "Caution: {note}": "注意：{note}",
    "percentile of the outcome in the scenarios of its date": "实际值在其日期各情景中的分位",
    "Where the outcomes lie in the ranges · shaded: P5–P95": "实际值在区间中的位置 · 阴影：P5–P95",
    # cases side by side
    "Side by side": "并列比较",
    "{count} scenarios, the same draws in every case": "{count}个情景，各情形使用相同抽样",
    "{count} scenarios, the same draws in every case except of {names}: "
    "a value in each period in some cases only": (
        "{count}个情景，各情形使用相同抽样，{names}除外：仅在部分情形中逐期取值"
    ),
    "{case} minus {first}, scenario by scenario:": "{case}减{first}，逐情景：",
    "higher in {share} {interval} of scenarios": "在{share} {interval}的情景中更高",
    "in brackets: 95 % intervals of the sampling error": "方括号内为抽样误差的95 %区间",
    "scenarios at or below": "不高于该值的情景",
    "{label} by case": "各情形的{label}",
    # two-way tables
    "base case": "基准情形",
    "{count} scenarios per cell, the same draws": "每格{count}个情景，使用相同抽样",
    "down: {rows} · across: {columns}": "纵：{rows} · 横：{columns}",
    "sampling error (95 %): at most ±{share} % of a value": (
        "抽样误差（95 %）：至多为数值的±{share} %"
    ),
    "framed: {note}": "加框：{note}",
    # published figures
    "No published figure of these outputs.": "这些输出没有已公布的数字。",
    "Published figures in the ensemble: percentile with its 95 % interval by the sampling": (
        "已公布数字在情景中的分位，附抽样的95 %区间"
    ),
    # command line
    "Next:": "下一步：",
    "{first} to {last}: fan and drivers by {step}": "{first}至{last}：按{step}的扇形图与驱动因素",
    "for the first time {share}, by then {total}": "首次{share}，累计{total}",
    "<- first period above 10 %": "<- 首个概率超过10 %的时期",
    "inputs are correlated: {meaning}": "输入相关：{meaning}",
    "a bar includes what moves with its input": "条形包含随该输入一起变动的部分",
    "each input moves alone here, which its correlation makes unlikely": (
        "此处各输入单独变动，而相关性使这种情形不太可能"
    ),
    "others held; strong correlation makes coefficients unsteady": (
        "其余输入固定；强相关会使系数不稳定"
    ),
    "a share includes what moves with its input; shares overlap": (
        "份额包含随该输入一起变动的部分；各份额有重叠"
    ),
    "what inputs explain together counts for none of them": "输入共同解释的部分不计入任何一个",
    "what inputs explain together is shared fairly": "输入共同解释的部分公平分摊",
    "not told from 0 at this n (dotted): {names}": "在此样本量下与0无法区分（点线）：{names}",
    "grey: not told from 0 at this n": "灰色：在此样本量下与0无法区分",
    "the linear model of ranks explains {share} of their variance (R²)": (
        "秩的线性模型解释了其方差的{share}（R²）"
    ),
    "each input alone from its {low} to its {high}, others at median": (
        "各输入单独从{low}变到{high}，其余取中位数"
    ),
    "each input alone from its {low} to its {high}, others at base": (
        "各输入单独从{low}变到{high}，其余取基准值"
    ),
    "{low} input at its low end · {high} at its high end": "{low} 输入取低端 · {high} 取高端",
    "by {method}: {names}": "按{method}：{names}",
    "rank correlation": "秩相关",
    "fair shares (LMG)": "公平份额（LMG）",
    "swing": "单独变动",
    "inputs that are not monotone": "非单调的输入",
    "interaction": "交互作用",
    "tails, which the bars compare in units of the output": "尾部，条形以产出单位比较之",
    "another top three {others}; reasons: {reasons}": "前三名不同：{others}；原因：{reasons}",
    "standardised coefficient of each input in a linear regression of ranks": (
        "各输入在秩线性回归中的标准化系数"
    ),
    "partial correlation of ranks with each input": "与各输入的秩偏相关",
    "fair share of each input in the variance of ranks (LMG)": "各输入在秩方差中的公平份额（LMG）",
    "standardised coefficient of each input in a regression of ranks, in %": (
        "各输入在秩回归中的标准化系数，%"
    ),
    "partial correlation of ranks with each input, in %": "与各输入的秩偏相关，%",
    "fair share of each input in the variance of ranks (LMG), in %": (
        "各输入在秩方差中的公平份额（LMG），%"
    ),
    "standardised regression coefficient of ranks": "秩的标准化回归系数",
    "partial correlation coefficient of ranks": "秩的偏相关系数",
    "share of the variance of ranks": "在秩方差中的份额",
    "{label}: each input alone, others at their medians": "{label}：各输入单独变动，其余取中位数",
    "What moves each output": "各产出由什么驱动",
    "share of the variance of ranks, in % (LMG)": "在秩方差中的份额，%（LMG）",
    "log of {output}": "{output}的对数",
    "first-order S1: alone": "一阶S1：单独",
    "total ST: with its interactions": "总ST：含交互作用",
    "Sobol' indices of {output}\n{runs} model runs, 95 % intervals; grey: not told from 0": (
        "{output}的Sobol'指数\n模型运行{runs}次，95 %区间；灰色：与0无法区分"
    ),
    "share of variance": "方差份额",
    "own": "自身",
    "through correlation": "经由相关性",
    "Shapley effects of {output}\n{runs} model runs, 95 % intervals; grey: not told from 0": (
        "{output}的Shapley效应\n模型运行{runs}次，95 %区间；灰色：与0无法区分"
    ),
    "μ*: mean absolute effect over the input's range": "μ*：输入全程的平均绝对效应",
    "σ: spread of effects (non-linear, interacting)": "σ：效应的离散（非线性、交互）",
    "Elementary effects on {output}\n{runs} model runs; dashed: σ = μ*; grey: negligible": (
        "对{output}的基本效应\n模型运行{runs}次；虚线：σ = μ*；灰色：可忽略"
    ),
    "Where the variance comes from (first-order indices)": "方差来自何处（一阶指数）",
    "interactions": "交互作用",
    "Where the variance of ranks comes from (LMG: fair shares of correlated inputs)": (
        "秩方差来自何处（LMG：相关输入公平分摊）"
    ),
    "interactions, and what is not monotone": "交互作用及非单调部分",
    "other {count} inputs": "其余{count}个输入",
    "Stress: {label} in its {part}, {count} scenarios": "压力：{label}处于其{part}，{count}个场景",
    "under stress": "压力下",
    "all scenarios": "全部场景",
    "{statistic} in the lowest and highest of {count} slices of each input": (
        "各输入分为{count}段，最低段与最高段内的{statistic}"
    ),
    "{low} input in its lowest slice · {high} in its highest slice": (
        "{low} 输入处于最低段 · {high} 处于最高段"
    ),
    "What leads {label} above {limit}: signed distance of each input's distribution": (
        "什么使{label}高于{limit}：各输入分布的带符号距离"
    ),
    "What leads {label} below {limit}: signed distance of each input's distribution": (
        "什么使{label}低于{limit}：各输入分布的带符号距离"
    ),
    "What makes {label} fail: signed distance of each input's distribution": (
        "什么使{label}失败：各输入分布的带符号距离"
    ),
    "family": "分布族",
    "weight": "权重",
    "parameters": "参数",
    "not fitted: {families}: {reason}": "未拟合：{families}：{reason}",
    "  {failed} of {all} samples could not be fitted again": (
        "  {all}个样本中有{failed}个无法重新拟合"
    ),
    "With standard error and 95 % interval, by bootstrap:": "标准误与95 %区间（自助法）：",
    "about as good as {best} (Δ below 2): {families}; compare their tails (P99)": (
        "与{best}不相上下（Δ小于2）：{families}；请比较尾部（P99）"
    ),
    "KS, AD: distance of the data from the fit, smaller is closer; --bootstrap 200 gives "
    "p-values (tabled ones do not hold for fitted parameters)": (
        "KS、AD：数据与拟合的距离，越小越近；--bootstrap 200给出p值"
        "（查表的p值不适用于由数据拟合的参数）"
    ),
    "p: share of samples drawn from a fit that lie as far from their own fit": (
        "p：由拟合抽出的样本中，与其自身拟合至少同样远者所占份额"
    ),
    'the data differ from the best family (p = {p}): dist = "data" may serve better': (
        '数据与最佳分布族有差异（p = {p}）：用dist = "data"或许更好'
    ),
    "ending at an observed value, where AIC is a guide only: {families}": (
        "端点为观测值、AIC仅供参考：{families}"
    ),
    "{n} values{source}: {low} to {high}, median {median}, mean {mean}, sd {sd}": (
        "{n}个值{source}：{low}至{high}，中位数{median}，均值{mean}，标准差{sd}"
    ),
    " of {source}": "（{source}）",
    "{kind} by {criterion}": "{kind}，按{criterion}排序",
    "Families of counts": "计数分布族",
    "Continuous families": "连续分布族",
    "the two tables cannot be compared: densities and probabilities differ": (
        "两表不可相互比较：密度与概率不同"
    ),
    "The best, as an input of a model:": "最佳者，可作为模型的输入：",
    "value": "值",
    "{n} values and what fits them best": "{n}个值及拟合最佳的分布",
    "Observed against fitted quantiles": "观测分位数对拟合分位数",
    "data ({n} bins)": "数据（{n}组）",
    "data": "数据",
    "density per factor of ten": "每十倍的密度",
    "density": "密度",
    "share": "份额",
    "fitted quantile": "拟合分位数",
    "observed value": "观测值",
    "needs values above 0": "需要大于0的值",
    "needs values between 0 and 1, both excluded": "需要严格介于0与1之间的值",
    "needs whole numbers": "需要整数",
    "needs values of 0 and 1": "需要取值0和1",
    "needs whole numbers from 0": "需要从0起的整数",
    "needs whole numbers from 1": "需要从1起的整数",
    "too few values for so many parameters": "相对参数个数，值太少",
    "the search for the largest likelihood did not converge": "最大似然搜索未收敛",
    "the likelihood has no maximum: it grows without bound around tied values": (
        "似然无最大值：在重复值附近无限增大"
    ),
    "the likelihood has no maximum: shape below −1": "似然无最大值：形状参数小于−1",
    "degrees of freedom grow without bound: as likely as the normal": (
        "自由度无限增大：与正态分布同样好"
    ),
    "parameters grow without bound: no better than a (shifted) lognormal": (
        "参数无限增大：不优于（平移）对数正态"
    ),
    "the variance does not exceed the mean: as likely as the Poisson": (
        "方差不大于均值：与泊松分布同样好"
    ),
    "the size grows without bound: as likely as the Poisson": "size无限增大：与泊松分布同样好",
    # convergence
    "{label}: how the percentiles settled": "{label}：各分位数如何稳定",
    "difference from the final value, in %": "与最终值之差（%）",
    "difference from the final value, in % of P95 − P5": "与最终值之差（P95−P5的%）",
    "shaded: 95 % intervals": "阴影：95 %区间",
    "scenarios (log scale)": "情景数（对数刻度）",
    "Each case minus {first}, scenario by scenario, and how often it is higher": (
        "各情形减去{first}（逐情景），及其更高的频率"
    ),
    # feedback on inputs
    "infinite": "无穷",
    ", in {unit}": "，单位：{unit}",
    "mean {value}": "均值{value}",
    "sd {value}": "标准差{value}",
    "base {value}": "基准{value}",
    "base {value} = {level}": "基准{value} = {level}",
    " (log)": "（对数）",
    "shares the draw of {name}": "与{name}共用抽样",
    "draw and distribution of {name}": "抽样与分布同{name}",
    "a value in each period, correlated by {rho} with the next": "每期各取一值，与下一期相关{rho}",
    "a value in each period, independent of the others": "每期各取一值，相互独立",
    "Constants": "常数",
    "{text}; {hint}": "{text}；{hint}",
    "{first} and {second}": "{first}与{second}",
    "Correlations, Gaussian copula": "相关性，高斯Copula",
    "Correlations, t copula (df {df})": "相关性，t Copula（自由度{df}）",
    "Correlations, Iman–Conover": "相关性，Iman–Conover法",
    "Spearman": "斯皮尔曼",
    "Kendall": "肯德尔",
    "Pearson": "皮尔逊",
    "asked": "设定",
    "Spearman attained": "实现的斯皮尔曼系数",
    "and {count} more pairs": "另有{count}对",
    "Not used: {names}": "未使用：{names}",
    "What each input says": "各输入的含义",
    "What each input says, case {case}": "各输入的含义（情形：{case}）",
    "{share} of draws lie below {end}, unlikely for a number in {unit}": (
        "{share}的抽样低于{end}，对单位为{unit}的数不太可能"
    ),
    "{share} of draws lie above {end}, unlikely for a number in {unit}": (
        "{share}的抽样高于{end}，对单位为{unit}的数不太可能"
    ),
    "min = {end} cuts them off; another min says that they are meant": (
        "min = {end}可将其截去；另设min则表示有意为之"
    ),
    "max = {end} cuts them off; another max says that they are meant": (
        "max = {end}可将其截去；另设max则表示有意为之"
    ),
    "no finite mean: an average of draws never settles; use percentiles": (
        "均值不存在：抽样平均不会收敛，请用分位数"
    ),
    "no finite standard deviation: an average of draws settles slowly, its error is n/a": (
        "标准差不存在：抽样平均收敛缓慢，误差无法给出"
    ),
    "a max or a lighter tail gives it one": "设max或改用较轻的尾部即可",
    "the mean is {ratio} times the median: few large draws carry it": (
        "均值为中位数的{ratio}倍：由少数很大的抽样决定"
    ),
    "asked {asked}, reached {attained}: values of {names} tie, and ties have no order": (
        "设定{asked}，实现{attained}：{names}有并列值，并列值没有顺序"
    ),
    "the scores behind them correlate as asked": "其背后的得分按设定相关",
}
