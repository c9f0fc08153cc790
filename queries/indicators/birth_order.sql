/*
title: Births by birth order
title_zh: 孩次率
description: Share of first, second, third and later births
description_zh: 各孩次出生人口及比重
owner: health
tags: [indicator, births]
unit: per cent
unit_zh: '人'
definition: >-
  Rate of order k = births of order k / births of known order × 100 (一孩率, 二孩率, 多孩率); third and
  later births are one group. Births: birth certificates at first issue. Births of unknown order are
  shown apart and left out of the shares. Interval: 95 %, Wilson. Source: family-planning statistics
  (计划生育统计指标解释).
definition_zh: >-
  孩次比重＝该孩次活产数÷孩次已知的活产数×100。
params:
  year: {type: year, default: latest_complete_year, description: calendar year of birth, description_zh: 年份}
  by: {type: choice, default: none, choices: [none, township, month, sex, urban_rural, ethnicity], description: one set of rows per what, description_zh: 按什么分组}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
chart: {type: stacked_bar, x: group_name, y: [births], series: birth_order}
publish: {threshold: 10, figures: births, counts: [births], wholes: [known_order_births], rates: [share_pct, share_low, share_high]}
tests:
  - {unique: [group_code, birth_order]}
  - {on: sample, params: {year: 2018}, where: {birth_order: 1}, expect: {births: 66, known_order_births: 151, share_pct: 43.71}}
  - {on: sample, params: {year: 2018}, where: {birth_order: 3+}, expect: {births: 15}}
*/
WITH records AS (
  SELECT
    CASE
      WHEN $by = 'township' THEN coalesce(b.township_code, 'unknown')
      WHEN $by = 'month' THEN concat($year, '-', lpad(CAST(extract(month FROM b.birth_date) AS VARCHAR), 2, '0'))
      WHEN $by = 'sex' THEN coalesce(CAST(b.sex AS VARCHAR), 'unknown')
      WHEN $by = 'urban_rural' THEN CASE WHEN r.is_urban THEN 'urban' WHEN NOT r.is_urban THEN 'rural' ELSE 'unknown' END
      WHEN $by = 'ethnicity' THEN coalesce(b.mother_ethnicity, 'unknown')
      ELSE 'total'
    END AS group_code,
    CASE WHEN b.birth_order >= 3 THEN '3+' WHEN b.birth_order = 2 THEN '2' WHEN b.birth_order = 1 THEN '1' ELSE 'unknown' END AS birth_order,
    1 AS births
  FROM birth_certificates b
  LEFT JOIN (SELECT region_code, is_urban FROM regions WHERE $by = 'urban_rural') r ON r.region_code = b.region_code
  WHERE b.birth_year = $year
    AND coalesce(b.issue_type, 'first') = 'first'
    AND ($region IS NULL OR starts_with(coalesce(b.region_code, b.township_code), $region))
  -- Every order of the total appears, also an empty one.
  UNION ALL
  SELECT 'total', column1, 0 FROM (VALUES ('1'), ('2'), ('3+')) AS orders WHERE $by = 'none'
),
grouped AS (
  SELECT group_code, birth_order, CAST(sum(births) AS BIGINT) AS births
  FROM records
  GROUP BY group_code, birth_order
),
shared AS (
  SELECT *,
    CAST(coalesce(sum(CASE WHEN birth_order <> 'unknown' THEN births END) OVER (PARTITION BY group_code), 0) AS BIGINT) AS known_order_births
  FROM grouped
)
SELECT
  group_code,
  CASE
    WHEN group_code = 'total' THEN '合计'
    WHEN group_code = 'unknown' THEN '不详'
    WHEN group_code = 'urban' THEN '城镇'
    WHEN group_code = 'rural' THEN '乡村'
    WHEN $by = 'township' THEN coalesce(region_name(group_code), group_code)
    WHEN $by = 'sex' THEN coalesce(code_name('sex', group_code), group_code)
    WHEN $by = 'ethnicity' THEN coalesce(code_name('ethnicity', group_code), group_code)
    ELSE group_code
  END AS group_name,
  birth_order,
  CASE birth_order WHEN '1' THEN '一孩' WHEN '2' THEN '二孩' WHEN '3+' THEN '多孩' ELSE '不详' END AS birth_order_name,
  births,
  known_order_births,
  CASE WHEN birth_order <> 'unknown' THEN round_half_up(100.0 * births / nullif(known_order_births, 0), 2) END AS share_pct,
  CASE WHEN birth_order <> 'unknown' AND known_order_births > 0 THEN round_half_up(100.0 * wilson_low(births, known_order_births), 2) END AS share_low,
  CASE WHEN birth_order <> 'unknown' AND known_order_births > 0 THEN round_half_up(100.0 * wilson_high(births, known_order_births), 2) END AS share_high,
  CASE
    WHEN birth_order = 'unknown' THEN 'unknown_order'
    WHEN known_order_births = 0 THEN 'no_births'
  END AS reason
FROM shared
ORDER BY group_code, birth_order
