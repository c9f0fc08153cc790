/*
title: Births against the year before
title_zh: 出生人口同比
description: Births of a year and of the year before, their difference and its per cent
description_zh: 本年与上年出生人口、增减数和增减百分比
owner: health
tags: [births, table]
unit: persons
unit_zh: 人
definition: >-
  Births as in `births`, for the year and the year before; change = births − births of the year
  before; change_pct = change / births of the year before × 100, NULL when there were none.
definition_zh: >-
  出生人口口径同 `births`，取本年与上年；增减数＝本年－上年；增减百分比＝增减数÷上年×100，上年为零时为空。
params:
  year: {type: year, default: latest_complete_year, description: calendar year of birth, description_zh: 出生年份}
  by: {type: choice, default: township, choices: [none, township, sex, urban_rural, ethnicity], description: one row per what, description_zh: 按什么分组}
  basis: {type: choice, default: registered, choices: [resident, registered], description: published aggregates or birth certificates, description_zh: 统计公布数（resident）或出生医学证明（registered）}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
chart: {type: bar, x: group_name, y: [births_before, births]}
publish: internal
tests:
  - {unique: [group_code]}
  - {sql: SELECT * FROM _ WHERE change <> births - births_before}
  - {on: sample, params: {year: 2018, by: none}, expect: {births: 277}}
  - {on: sample, params: {year: 2018, by: none, basis: resident}, expect: {births: 1930, births_before: 2170, change: -240, change_pct: -11.06}}
*/
WITH this_year AS (
  SELECT * FROM query('births', year => $year, by => $by, basis => $basis, region => $region)
),
year_before AS (
  SELECT * FROM query('births', year => $year - 1, by => $by, basis => $basis, region => $region)
)
SELECT
  coalesce(t.group_code, b.group_code) AS group_code,
  coalesce(t.group_name, b.group_name) AS group_name,
  b.births AS births_before,
  t.births AS births,
  t.births - b.births AS change,
  round_half_up(100.0 * (t.births - b.births) / nullif(b.births, 0), 2) AS change_pct
FROM this_year t
FULL JOIN year_before b ON b.group_code = t.group_code
ORDER BY 1
