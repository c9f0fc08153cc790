/*
title: Sex ratio at birth
title_zh: 出生人口性别比
description: Boys born per 100 girls, with its interval
description_zh: 出生人口性别比及其置信区间
owner: health
tags: [indicator, births]
unit: boys per 100 girls
unit_zh: '女=100'
definition: >-
  Sex ratio at birth = live-born boys / live-born girls × 100; 103–107 is usual. The 95 % interval
  follows from the Wilson limits p of the share of boys, as 100 p / (1 − p); with 1,500 births it
  spans about ±10, so pool years (`years`) before judging. Registered = birth certificates at first
  issue; census and survey = children aged 0 at 1 November (no interval: not births but survivors).
  Source: NBS, explanatory notes on main statistical indicators.
definition_zh: >-
  出生人口性别比＝男婴活产数÷女婴活产数×100，不计性别不明者。
params:
  year: {type: year, default: latest_complete_year, description: 'calendar year of birth, the last one when years are pooled', description_zh: 年份}
  years: {type: integer, default: 1, min: 1, max: 10, description: how many years to pool, description_zh: 合并多少年}
  by: {type: choice, default: none, choices: [none, township, month, urban_rural, ethnicity, birth_order], description: one row per what, description_zh: 按什么分组}
  basis: {type: choice, default: registered, choices: [registered, census, survey], description: birth certificates or children aged 0, description_zh: 数据口径：常住（resident）、户籍（registered）、普查（census）或抽样（survey）}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
chart: {type: interval, x: group_name, y: [sex_ratio_at_birth, sex_ratio_low, sex_ratio_high]}
publish: {threshold: 10, figures: births, counts: [boys, girls, unknown_sex], rates: [births, sex_ratio_at_birth, sex_ratio_low, sex_ratio_high]}
tests:
  - {unique: [group_code]}
  - {on: sample, params: {year: 2018}, expect: {boys: 127, girls: 150, sex_ratio_at_birth: 84.67}}
*/
WITH counted AS (
  SELECT
    CASE
      WHEN $by = 'township' THEN coalesce(b.township_code, 'unknown')
      WHEN $by = 'month' THEN lpad(CAST(extract(month FROM b.birth_date) AS VARCHAR), 2, '0')
      WHEN $by = 'urban_rural' THEN CASE WHEN r.is_urban THEN 'urban' WHEN NOT r.is_urban THEN 'rural' ELSE 'unknown' END
      WHEN $by = 'ethnicity' THEN coalesce(b.mother_ethnicity, 'unknown')
      WHEN $by = 'birth_order' THEN CASE WHEN b.birth_order >= 3 THEN '3+' ELSE coalesce(CAST(b.birth_order AS VARCHAR), 'unknown') END
      ELSE 'total'
    END AS group_code,
    b.sex AS sex,
    CAST(1 AS DOUBLE) AS weight
  FROM birth_certificates b
  LEFT JOIN (SELECT region_code, is_urban FROM regions WHERE $by = 'urban_rural') r ON r.region_code = b.region_code
  WHERE $basis = 'registered'
    AND b.birth_year BETWEEN $year - $years + 1 AND $year
    AND coalesce(b.issue_type, 'first') = 'first'
    AND ($region IS NULL OR starts_with(coalesce(b.region_code, b.township_code), $region))
  UNION ALL
  SELECT
    CASE WHEN $by = 'township' THEN concat(substr(region_code, 1, 9), '000') ELSE 'total' END,
    sex,
    weight
  FROM survey_persons
  WHERE $basis IN ('census', 'survey')
    AND (survey_year % 10 = 0) = ($basis = 'census')
    AND coalesce(residence_type, 'resident') <> 'away'
    AND survey_year BETWEEN $year - $years + 1 AND $year
    -- Aged 0 at 1 November: born since November of the year before.
    AND survey_year - birth_year - CASE WHEN birth_month >= 11 THEN 1 ELSE 0 END = 0
    AND ($region IS NULL OR starts_with(region_code, $region))
  UNION ALL
  SELECT 'total', NULL, CAST(0 AS DOUBLE) WHERE $by = 'none'
),
grouped AS (
  SELECT group_code,
    CAST(round(coalesce(sum(weight) FILTER (WHERE sex = 1), 0)) AS BIGINT) AS boys,
    CAST(round(coalesce(sum(weight) FILTER (WHERE sex = 2), 0)) AS BIGINT) AS girls,
    CAST(round(coalesce(sum(weight) FILTER (WHERE sex IS NULL OR sex NOT IN (1, 2)), 0)) AS BIGINT) AS unknown_sex
  FROM counted
  GROUP BY group_code
)
SELECT
  group_code,
  CASE
    WHEN group_code = 'total' THEN '合计'
    WHEN group_code = 'unknown' THEN '不详'
    WHEN group_code = 'urban' THEN '城镇'
    WHEN group_code = 'rural' THEN '乡村'
    WHEN $by = 'township' THEN coalesce(region_name(group_code), group_code)
    WHEN $by = 'ethnicity' THEN coalesce(code_name('ethnicity', group_code), group_code)
    ELSE group_code
  END AS group_name,
  boys + girls AS births,
  boys,
  girls,
  unknown_sex,
  round_half_up(100.0 * boys / nullif(girls, 0), 2) AS sex_ratio_at_birth,
  CASE WHEN $basis = 'registered' AND girls > 0 THEN round_half_up(sex_ratio_low(boys, girls), 2) END AS sex_ratio_low,
  CASE WHEN $basis = 'registered' AND girls > 0 THEN round_half_up(sex_ratio_high(boys, girls), 2) END AS sex_ratio_high,
  CASE
    WHEN boys + girls = 0 THEN 'no_births'
    WHEN girls = 0 THEN 'no_girls'
  END AS reason
FROM grouped
ORDER BY group_code
