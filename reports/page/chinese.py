"""The sentences of the page in Chinese, by the English ones."""

PAGE = {
    ".": "。",
    # the answer
    "{claim} (80 % band), median {median}": "{claim}（80 %区间），中位数{median}",
    "{low} to {high}": "{low}至{high}",
    "Between {low} and {high} {label}": "{label}介于{low}与{high}之间",
    "{label}: between {low} and {high}": "{label}：介于{low}与{high}之间",
    "; {first} matters most": "；{first}影响最大",
    "; {first} and {second} matter most": "；{first}与{second}影响最大",
    "{label}: no finite value": "{label}：没有有限值",
    "{label}: {value} in a single scenario": "{label}：唯一情景中为{value}",
    "{label}: {value} in every scenario": "{label}：每个情景中均为{value}",
    "{label}: {value} in at least 80 % of scenarios": "{label}：至少80 %的情景中为{value}",
    "Median (P50)": "中位数（P50）",
    "90 % band (P5 to P95)": "90 %区间（P5至P95）",
    "one scenario in ten lies outside": "十个情景中有一个在区间之外",
    "Point estimate": "点估计",
    "{value}, every input at its base value; {share} of scenarios lie below it": (
        "各输入取基准值时为{value}；{share}的情景低于它"
    ),
    "Mean": "均值",
    "lies at {place}": "位于{place}",
    "lies at {place}: large values pull it": "位于{place}：受大值拉动",
    "Chance of more than {limit}": "超过{limit}的概率",
    "sampling error: {low} to {high} (95 %)": "抽样误差：{low}至{high}（95 %）",
    "{source}{label}: {value} is {place}; chance of more {chance}": (
        "{source}{label}：{value}处于{place}；更高的概率{chance}"
    ),
    "Published figures in this range": "已公布的数字在此区间中的位置",
    "Also": "另外",
    "Mind": "注意",
    "{label}: {count} scenarios ({share}) gave no finite number and are left out": (
        "{label}：{count}个情景（{share}）没有有限值，未计入"
    ),
    "The precision asked for was not reached: ±{reached} instead of ±{target}": (
        "未达到要求的精度：±{reached}，而非±{target}"
    ),
    "Too few scenarios for sampling errors: read the figures as a first look": (
        "情景太少，无法给出抽样误差：请仅作初步参考"
    ),
    # the page
    "Report": "报告",
    "Skip to the answer": "跳到结论",
    "Sections": "章节",
    "Colours": "配色",
    "System": "跟随系统",
    "Light": "浅色",
    "Dark": "深色",
    "Print": "打印",
    "Bands": "区间",
    "In detail": "细看分布",
    "Drivers": "驱动因素",
    "A closer look": "进一步观察",
    "Cases": "情形",
    "Cases side by side": "各情形并列",
    "Tables": "表格",
    "Back-test": "回测",
    "Assumptions": "假设",
    "Method and limits": "方法与局限",
    "Data of this figure": "此图的数据",
    # bands
    "P95 means that 95 % of scenarios lie at or below the value.": (
        "P95表示95 %的情景不高于该值。"
    ),
    "Bands of the outputs": "各产出的区间",
    "P5–P95, P25–P75, median": "P5–P95、P25–P75、中位数",
    (
        "Each strip has an axis of its own; the diamond is the base case, every input at its "
        "base value."
    ): ("每条带各有自己的刻度；菱形为基准情形，即各输入取基准值。"),
    "All percentiles with their sampling errors": "全部分位及其抽样误差",
    "Percentiles with their 95 % intervals": "分位及其95 %区间",
    "{name}: P5 {low}, P50 {middle}, P95 {high}": "{name}：P5 {low}，P50 {middle}，P95 {high}",
    "{title}: P50 {first} in {start}, {last} in {end}": (
        "{title}：P50在{start}为{first}，在{end}为{last}"
    ),
    "above {limit}": "高于{limit}",
    "period": "时期",
    "output": "产出",
    "value": "数值",
    "from": "自",
    "to": "至",
    # in detail
    "How likely is each value of {label}?": "{label}取各值的可能性",
    "Drag the two limits, or move them with the arrow keys": "拖动两条界线，或用方向键移动",
    "Histogram": "直方图",
    "Cumulative": "累积",
    "Histogram of {label}: P5 {low}, P50 {middle}, P95 {high}": (
        "{label}的直方图：P5 {low}，P50 {middle}，P95 {high}"
    ),
    "Lower limit": "下界",
    "Upper limit": "上界",
    "Chance of each range": "各段的概率",
    "at or below": "不高于",
    "between the limits": "两界之间",
    "above": "高于",
    "median": "中位数",
    "The axis runs from P0.1 to P99.9; {count} scenarios lie beyond it and are counted.": (
        "横轴自P0.1至P99.9；另有{count}个情景在轴外，已计入。"
    ),
    "share of scenarios": "情景占比",
    "share at or below the end": "不高于右端的占比",
    "{label}: {value} in nearly every scenario, so there is no distribution to draw.": (
        "{label}：几乎在每个情景中均为{value}，无分布可画。"
    ),
    # drivers
    "input": "输入",
    "inputs": "输入",
    "index": "指数",
    "input low": "输入低端",
    "input high": "输入高端",
    "output at low": "低端时的产出",
    "output at high": "高端时的产出",
    "95 % interval": "95 %区间",
    "exact": "精确",
    "falls with the input": "随输入下降",
    "rises with the input": "随输入上升",
    "hollow bars cannot be told from 0 at this n: {names}": (
        "空心条在此样本量下与0无法区分：{names}"
    ),
    "All inputs as numbers": "全部输入的数值",
    "Do other rankings agree?": "其他排序是否一致？",
    "Place of each input by five rankings": "各输入在五种排序中的名次",
    "tenths": "十分之一",
    "fair share": "公平份额",
    (
        "tenths: change of the output from the lowest to the highest tenth of the input · "
        "alone: the input from its P10 to its P90, others at medians · rank correlation: "
        "Spearman · fair share: of the variance of ranks (LMG) · share of variance: "
        "first-order index"
    ): (
        "十分之一：输入由最低到最高十分之一时产出的变化 · 单独：输入由P10变到P90，其余取中位数 · "
        "秩相关：斯皮尔曼 · 公平份额：在秩方差中的份额（LMG） · 方差份额：一阶指数"
    ),
    # a closer look
    "{label} along the inputs that move it most": "{label}随影响最大的输入而变",
    "{statistic} in twentieths of the input, with its 95 % interval": (
        "输入每二十分之一内的{statistic}及其95 %区间"
    ),
    "this input alone, others at their medians": "该输入单独变动，其余取中位数",
    "across: percentile of the input": "横轴：输入的分位",
    "across: percentile of the input, marked with its own values at P10, P50 and P90": (
        "横轴：输入的分位，标出其P10、P50、P90处的数值"
    ),
    "{output} along {input}: from {low} to {high}": "{output}随{input}：由{low}到{high}",
    "slice": "分段",
    "input in the slice": "段内输入",
    "Slices of each input, with 95 % intervals": "各输入的分段，附95 %区间",
    "its percentile": "其分位",
    "its value": "其数值",
    # cases
    "case": "情形",
    "here": "此处",
    "input or formula": "输入或公式",
    "{label}: each case minus {first}, scenario by scenario": "{label}：各情形减{first}，逐情景",
    "P50, 95 % interval": "P50的95 %区间",
    "higher in": "更高的占比",
    "What each case changes": "各情形改变了什么",
    "{case} against {first} (changes: {count})": "{case}对比{first}（改动{count}处）",
    # back-test
    "outcome": "实际结果",
    "lines: the outcome's own 90 % interval": "横线：实际值自身的90 %区间",
    # assumptions
    "base": "基准值",
    "spread, P1 to P99": "分布，P1至P99",
    "law, basis, sources": "分布、依据、来源",
    "constant": "常数",
    "data": "数据",
    "report": "报告",
    "judgement": "判断",
    "{law}; the draw of {other}": "{law}；与{other}共用抽样",
    "{law}; a value in each period": "{law}；每期各有一值",
    "source later than the date of the view": "来源晚于视角日期",
    "Constants ({count})": "常数（{count}）",
    "Not used in this case ({count})": "此情形未使用（{count}）",
    "Correlated inputs": "相关的输入",
    "why": "缘由",
    "Inputs are drawn independently of each other.": "各输入相互独立地抽样。",
    "Sources": "来源",
    # method
    (
        "{count} scenarios by {design}, seed {seed}; the same seed gives the same figures on "
        "any number of workers."
    ): ("{count}个情景，{design}，种子{seed}；相同种子在任意数量的工作进程上给出相同数字。"),
    "independent pseudo-random draws": "独立伪随机抽样",
    "Latin hypercubes": "拉丁超立方",
    "scrambled Sobol' sequences": "加扰Sobol'序列",
    (
        "{pairs} pairs of inputs are drawn with rank correlations, joined by a Gaussian "
        "copula; extreme values of several inputs together are no likelier than it says."
    ): ("{pairs}对输入按秩相关抽样，以高斯Copula连接；多个输入同时取极端值的可能性不超出其所示。"),
    (
        "{pairs} pairs of inputs are drawn with rank correlations, joined by a Student t copula "
        "with {df} degrees of freedom: extreme values tend to come together."
    ): ("{pairs}对输入按秩相关抽样，以自由度为{df}的学生t Copula连接：极端值往往同时出现。"),
    (
        "{pairs} pairs of inputs have rank correlations: independent draws are reordered within "
        "units of 1,024 scenarios (Iman and Conover)."
    ): ("{pairs}对输入具有秩相关：在每1,024个情景内对独立抽样重新排序（Iman–Conover法）。"),
    "coefficient": "系数",
    "spearman": "斯皮尔曼",
    "kendall": "肯德尔",
    "pearson": "皮尔逊",
    "Percentiles are exact order statistics of all scenarios (Hazen).": (
        "分位为全部情景的精确次序统计量（Hazen）。"
    ),
    "Percentiles come from counts in fine cells; their intervals include the width of a cell.": (
        "分位来自细格计数；其区间包含格宽。"
    ),
    "Intervals of 95 % come from the spread of {count} replicates.": (
        "95 %区间来自{count}个重复样本的离散。"
    ),
    (
        "Intervals of 95 %: order statistics for percentiles, Clopper-Pearson for chances, "
        "{count} batches for everything else."
    ): ("95 %区间：分位用次序统计量，概率用Clopper-Pearson，其余用{count}个批次。"),
    "Ranking": "排序",
    "What these figures do not say": "这些数字没有说明什么",
    "Sampling error is not model error: what the formulas leave out is in no interval here.": (
        "抽样误差不是模型误差：公式未包含的内容不在此处任何区间之内。"
    ),
    "The ranges are as good as the assumptions; those of basis “judgement” are opinions.": (
        "区间的好坏取决于假设；依据为“判断”者只是意见。"
    ),
    "Sampling error of the median: ±{share} %.": "中位数的抽样误差：±{share} %。",
    "Sampling error of the median: ±{share} % of P5–P95.": (
        "中位数的抽样误差：±{share} %（以P5–P95计）。"
    ),
    "The model does not say as of which day its ranges hold.": "模型未说明其区间截至哪一天。",
    "A few scenarios dominate the mean of {names}: it has no interval.": (
        "少数情景主导了{names}的均值：该均值没有区间。"
    ),
    "Moments": "矩",
    "failed": "失败",
    "its standard error": "其标准误",
    "sd": "标准差",
    "minimum": "最小值",
    "maximum": "最大值",
    "skewness": "偏度",
    "as printed": "原文所印",
    "recomputed": "重新计算",
    "difference": "差异",
    "Figures that the source printed, recomputed": "原文所印数字的重新计算",
    "Words": "用语",
    "P5, P50, P95": "P5、P50、P95",
    (
        "5, 50, 95 % of scenarios lie at or below the value; P50 is the median. (Some "
        "industries count the other way and call the low value P90.)"
    ): ("5 %、50 %、95 %的情景不高于该值；P50即中位数。（某些行业反向计数，把低值称作P90。）"),
    "80 % band": "80 %区间",
    "from P10 to P90: one scenario in ten lies below, one above": (
        "由P10到P90：十个情景中一个低于、一个高于"
    ),
    "scenario": "情景",
    "scenarios": "情景",
    "one draw of all inputs and what follows from it": "全部输入的一次抽样及其结果",
    "point estimate": "点估计",
    "the output with every input at its base value, as a spreadsheet gives it": (
        "各输入取基准值时的产出，如电子表格所给"
    ),
    "sampling error": "抽样误差",
    "how far a figure may move with another seed; it shrinks with the number of scenarios": (
        "换一个种子时数字可能变动多少；随情景数增加而缩小"
    ),
    "another set of values, ranges or formulas laid over the model": (
        "叠加在模型上的另一组数值、区间或公式"
    ),
    "Which inputs move together": "哪些输入相互关联",
    "coefficients that were asked for ({measures}); empty: none was given": (
        "设定的相关系数（{measures}）；空白：未设定"
    ),
    "{label}: share of scenarios at or below a value": "{label}：不高于某值的情景份额",
    "percentile": "分位",
    "; whatever they are, the median lies between {low} and {high}": (
        "；无论其为何值，中位数介于{low}与{high}之间"
    ),
    # summary
    "{name}: {value}": "{name}：{value}",
    "{name}: {value} ({note})": "{name}：{value}（{note}）",
    "law": "分布",
    "basis": "依据",
    # footer
    "Make this report again": "重新生成此报告",
    "Inside this file:": "文件内附：",
    "design": "抽样方式",
    "digest": "摘要",
    "version": "版本",
    "made": "生成时间",
}
