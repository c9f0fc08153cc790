/*
title: Births by town and month
title_zh: 各乡镇分月出生人口
description: Table of live births, one row per town and one column per month
description_zh: 各乡镇各月出生人数表
owner: health
tags: [births, table]
unit: persons
unit_zh: '人'
definition: >-
  Live births of the year by date of birth and town of the mother's residence: birth certificates at
  first issue, as in `births`. The last row is the county; births without a town are 不详.
definition_zh: >-
  口径同 `births`：首次签发的出生医学证明，按出生日期和母亲居住乡镇；末行为全旗县合计。
params:
  year: {type: year, default: latest_complete_year, description: calendar year of birth, description_zh: 年份}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
chart: {type: line, x: group_name, y: [m01, m02, m03, m04, m05, m06, m07, m08, m09, m10, m11, m12]}
publish: {threshold: 10, figures: births, counts: [births, m01, m02, m03, m04, m05, m06, m07, m08, m09, m10, m11, m12], sums: ["births = m01 + m02 + m03 + m04 + m05 + m06 + m07 + m08 + m09 + m10 + m11 + m12"]}
tests:
  - {unique: [township_code]}
  - {sql: SELECT * FROM _ WHERE births < m01 + m02 + m03 + m04 + m05 + m06 + m07 + m08 + m09 + m10 + m11 + m12}
  - {on: sample, params: {year: 2018}, where: {township_code: total}, expect: {births: 277, m03: 20, m10: 35}}
*/
WITH records AS (
  SELECT coalesce(township_code, 'unknown') AS township_code, extract(month FROM birth_date) AS month, 1 AS births
  FROM birth_certificates
  WHERE birth_year = $year
    AND coalesce(issue_type, 'first') = 'first'
    AND ($region IS NULL OR starts_with(coalesce(region_code, township_code), $region))
),
counted AS (
  SELECT township_code, month, CAST(sum(births) AS BIGINT) AS births
  FROM records
  GROUP BY township_code, month
),
towns AS (
  SELECT township_code, month, births FROM counted
  UNION ALL
  SELECT 'total', month, births FROM counted
  UNION ALL
  SELECT 'total', NULL, 0
)
SELECT
  township_code,
  CASE township_code WHEN 'total' THEN '合计' WHEN 'unknown' THEN '不详' ELSE coalesce(region_name(township_code), township_code) END AS group_name,
  CAST(coalesce(sum(births), 0) AS BIGINT) AS births,
  CAST(coalesce(sum(births) FILTER (WHERE month = 1), 0) AS BIGINT) AS m01,
  CAST(coalesce(sum(births) FILTER (WHERE month = 2), 0) AS BIGINT) AS m02,
  CAST(coalesce(sum(births) FILTER (WHERE month = 3), 0) AS BIGINT) AS m03,
  CAST(coalesce(sum(births) FILTER (WHERE month = 4), 0) AS BIGINT) AS m04,
  CAST(coalesce(sum(births) FILTER (WHERE month = 5), 0) AS BIGINT) AS m05,
  CAST(coalesce(sum(births) FILTER (WHERE month = 6), 0) AS BIGINT) AS m06,
  CAST(coalesce(sum(births) FILTER (WHERE month = 7), 0) AS BIGINT) AS m07,
  CAST(coalesce(sum(births) FILTER (WHERE month = 8), 0) AS BIGINT) AS m08,
  CAST(coalesce(sum(births) FILTER (WHERE month = 9), 0) AS BIGINT) AS m09,
  CAST(coalesce(sum(births) FILTER (WHERE month = 10), 0) AS BIGINT) AS m10,
  CAST(coalesce(sum(births) FILTER (WHERE month = 11), 0) AS BIGINT) AS m11,
  CAST(coalesce(sum(births) FILTER (WHERE month = 12), 0) AS BIGINT) AS m12
FROM towns
GROUP BY township_code
ORDER BY CASE township_code WHEN 'total' THEN 2 WHEN 'unknown' THEN 1 ELSE 0 END, township_code
