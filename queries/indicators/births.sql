/*
title: Births
title_zh: 出生人口
description: Live births of a year, by place, month, sex or ethnicity of the mother
description_zh: 活产数：总数、男、女
owner: health
tags: [indicator, births]
unit: persons
unit_zh: '人'
definition: >-
  Live births in the calendar year, counted by date of birth. Registered = birth certificates at
  first issue (replaced, reissued and void forms are the same birth and are not counted). Resident
  = births in the resident population as published by the statistics department. Urban/rural and
  township are those recorded with the birth. Source: NBS, explanatory notes on main statistical
  indicators (主要统计指标解释); GB/T 2261.1 for sex.
definition_zh: >-
  一年内的活产数，按出生日期计。registered：首次签发的出生医学证明，按母亲居住地；resident：统计部门公布的出生人口。
params:
  year: {type: year, default: latest_complete_year, description: calendar year of birth, description_zh: 年份}
  by: {type: choice, default: none, choices: [none, township, month, sex, urban_rural, ethnicity], description: one row per what, description_zh: 按什么分组}
  basis: {type: choice, default: registered, choices: [registered, resident], description: birth certificates or published resident figures, description_zh: 出生医学证明（registered）或统计部门公布的常住人口数（resident）}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
chart: {type: bar, x: group_name, y: [births]}
publish: {threshold: 10, figures: births, counts: [births, boys, girls, unknown_sex], wholes: [total_births], sums: ["births = boys + girls + unknown_sex"], rates: [share_pct]}
tests:
  - {unique: [group_code]}
  - {not_null: [group_code, group_name]}
  - {sql: SELECT * FROM _ WHERE boys + girls + unknown_sex <> births}
  - {on: sample, params: {year: 2018}, expect: {births: 277, boys: 127, girls: 150}}
  - {on: sample, params: {year: 2018, by: month}, where: {group_code: 2018-10}, expect: {births: 35, boys: 13}}
  - {on: sample, params: {year: 2018, by: township}, where: {group_code: '150121100000'}, expect: {births: 79, share_pct: 28.52}}
  - {on: sample, params: {year: 2018, basis: resident}, expect: {births: 1930}}
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
    1 AS births,
    CASE WHEN b.sex = 1 THEN 1 ELSE 0 END AS boys,
    CASE WHEN b.sex = 2 THEN 1 ELSE 0 END AS girls,
    CASE WHEN b.sex IN (1, 2) THEN 0 ELSE 1 END AS unknown_sex
  FROM birth_certificates b
  LEFT JOIN (SELECT region_code, is_urban FROM regions WHERE $by = 'urban_rural') r ON r.region_code = b.region_code
  WHERE $basis = 'registered'
    AND b.birth_year = $year
    AND coalesce(b.issue_type, 'first') = 'first'
    AND ($region IS NULL OR starts_with(coalesce(b.region_code, b.township_code), $region))
),
published AS (
  SELECT region_code, value,
    row_number() OVER (
      PARTITION BY region_code
      ORDER BY CASE reference WHEN 'year_end' THEN 1 WHEN 'census' THEN 2 ELSE 3 END, CASE vintage WHEN 'revised' THEN 1 WHEN 'preliminary' THEN 3 ELSE 2 END, vintage DESC NULLS LAST, delivery_id DESC
    ) AS newest
  FROM population_statistics
  WHERE $basis = 'resident' AND year = $year AND measure = 'births' AND value IS NOT NULL
    AND CASE
      WHEN $by = 'township' THEN substr(region_code, 7, 3) <> '000' AND substr(region_code, 10, 3) = '000' AND ($region IS NULL OR starts_with(region_code, $region))
      WHEN $by = 'none' THEN CASE WHEN $region IS NULL THEN substr(region_code, 5, 2) <> '00' AND substr(region_code, 7, 6) = '000000' ELSE region_code = rpad($region, 12, '0') END
      ELSE false
    END
),
counted AS (
  SELECT group_code, CAST(births AS BIGINT) AS births, CAST(boys AS BIGINT) AS boys, CAST(girls AS BIGINT) AS girls, CAST(unknown_sex AS BIGINT) AS unknown_sex
  FROM records
  UNION ALL
  SELECT CASE WHEN $by = 'township' THEN region_code ELSE 'total' END, CAST(round(value) AS BIGINT), NULL, NULL, NULL
  FROM published WHERE newest = 1
  -- Every month and the total appear even when nothing was recorded in them.
  UNION ALL
  SELECT concat($year, '-', lpad(CAST(value AS VARCHAR), 2, '0')), 0, 0, 0, 0
  FROM generate_series(1, 12) WHERE $by = 'month' AND $basis = 'registered'
  UNION ALL
  SELECT 'total', NULL, NULL, NULL, NULL WHERE $by = 'none' OR ($basis = 'resident' AND $by <> 'township')
),
grouped AS (
  SELECT group_code, sum(births) AS births, sum(boys) AS boys, sum(girls) AS girls, sum(unknown_sex) AS unknown_sex
  FROM counted
  GROUP BY group_code
),
shared AS (
  SELECT *, sum(births) OVER () AS total_births FROM grouped
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
  births,
  boys,
  girls,
  unknown_sex,
  total_births,
  round_half_up(100.0 * births / nullif(total_births, 0), 2) AS share_pct,
  CASE
    WHEN $basis = 'resident' AND $by NOT IN ('none', 'township') THEN 'not_published_by_' || $by
    WHEN births IS NULL THEN 'no_records'
    WHEN total_births = 0 THEN 'no_births'
  END AS reason
FROM shared
ORDER BY group_code
