/*
title: Deaths
title_zh: 死亡人口
description: Deaths of a year, one per person whichever departments reported it
description_zh: 死亡人数：总数、男、女
owner: health
tags: [indicator, deaths]
unit: persons
unit_zh: '人'
definition: >-
  Deaths in the calendar year, counted by date of death. Registered = union of what health (death
  certificates), police (cancellations) and civil affairs (cremations) reported, one death per
  person; where they differ the death certificate is followed, then the police, then civil affairs.
  People known to be registered outside the county are not counted.
  Resident = deaths in the resident population as published by the statistics department. Source:
  NBS, explanatory notes on main statistical indicators; 国卫规划发〔2013〕57号 (three departments).
definition_zh: >-
  一年内死亡的人数，按死亡日期计；多个部门报告的同一人只算一次。
params:
  year: {type: year, default: latest_complete_year, description: calendar year of death, description_zh: 年份}
  by: {type: choice, default: none, choices: [none, township, month, sex, urban_rural, age_group], description: one row per what, description_zh: 按什么分组}
  basis: {type: choice, default: registered, choices: [registered, resident], description: reported deaths or published resident figures, description_zh: 部门上报的死亡（registered）或统计部门公布的常住人口数（resident）}
  reported_by: {type: choice, default: any, choices: [any, health, police, civil_affairs], description: count only what this department reported, description_zh: 只计此部门报告的}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
chart: {type: bar, x: group_name, y: [deaths]}
publish: {threshold: 10, counts: [deaths, males, females, unknown_sex], wholes: [total_deaths], sums: ["deaths = males + females + unknown_sex"], rates: [share_pct]}
tests:
  - {unique: [group_code]}
  - {not_null: [group_code, group_name]}
  - {sql: SELECT * FROM _ WHERE males + females + unknown_sex <> deaths}
  - {on: sample, params: {year: 2018}, expect: {deaths: 164, males: 106, females: 58}}
*/
WITH reported AS (
  -- The neighbouring years are read too: departments may differ about a death around New Year.
  SELECT d.*,
    row_number() OVER (
      PARTITION BY d.person_key
      ORDER BY CASE d.reported_by WHEN 'health' THEN 1 WHEN 'police' THEN 2 ELSE 3 END, d.death_date, d.delivery_id, d.source_row
    ) AS precedence
  FROM deaths d
  WHERE $basis = 'registered'
    AND coalesce(d.is_local, true)
    AND d.death_year BETWEEN $year - 1 AND $year + 1
    AND ($reported_by = 'any' OR d.reported_by = $reported_by)
),
records AS (
  SELECT
    CASE
      WHEN $by = 'township' THEN coalesce(d.township_code, 'unknown')
      WHEN $by = 'month' THEN concat($year, '-', lpad(CAST(extract(month FROM d.death_date) AS VARCHAR), 2, '0'))
      WHEN $by = 'sex' THEN coalesce(CAST(d.sex AS VARCHAR), 'unknown')
      WHEN $by = 'urban_rural' THEN CASE WHEN r.is_urban THEN 'urban' WHEN NOT r.is_urban THEN 'rural' ELSE 'unknown' END
      WHEN $by = 'age_group' THEN coalesce(age_group(coalesce(d.age_years, age_at(d.birth_date, d.death_date)), '5y'), 'unknown')
      ELSE 'total'
    END AS group_code,
    CASE WHEN $by = 'age_group' THEN age_group_order(coalesce(d.age_years, age_at(d.birth_date, d.death_date)), '5y') END AS group_order,
    CASE WHEN d.sex = 1 THEN 1 ELSE 0 END AS males,
    CASE WHEN d.sex = 2 THEN 1 ELSE 0 END AS females,
    CASE WHEN d.sex IN (1, 2) THEN 0 ELSE 1 END AS unknown_sex
  FROM reported d
  LEFT JOIN (SELECT region_code, is_urban FROM regions WHERE $by = 'urban_rural') r ON r.region_code = d.region_code
  -- A death without a person cannot be matched with another report and counts for itself.
  WHERE (d.precedence = 1 OR d.person_key IS NULL)
    AND d.death_year = $year
    AND ($region IS NULL OR starts_with(coalesce(d.region_code, d.township_code), $region))
),
published AS (
  SELECT region_code, value,
    row_number() OVER (
      PARTITION BY region_code
      ORDER BY CASE reference WHEN 'year_end' THEN 1 WHEN 'census' THEN 2 ELSE 3 END, CASE vintage WHEN 'revised' THEN 1 WHEN 'preliminary' THEN 3 ELSE 2 END, vintage DESC NULLS LAST, delivery_id DESC
    ) AS newest
  FROM population_statistics
  WHERE $basis = 'resident' AND year = $year AND measure = 'deaths' AND value IS NOT NULL
    AND CASE
      WHEN $by = 'township' THEN substr(region_code, 7, 3) <> '000' AND substr(region_code, 10, 3) = '000' AND ($region IS NULL OR starts_with(region_code, $region))
      WHEN $by = 'none' THEN CASE WHEN $region IS NULL THEN substr(region_code, 5, 2) <> '00' AND substr(region_code, 7, 6) = '000000' ELSE region_code = rpad($region, 12, '0') END
      ELSE false
    END
),
counted AS (
  SELECT group_code, CAST(group_order AS BIGINT) AS group_order, CAST(1 AS BIGINT) AS deaths, CAST(males AS BIGINT) AS males, CAST(females AS BIGINT) AS females, CAST(unknown_sex AS BIGINT) AS unknown_sex
  FROM records
  UNION ALL
  SELECT CASE WHEN $by = 'township' THEN region_code ELSE 'total' END, NULL, CAST(round(value) AS BIGINT), NULL, NULL, NULL
  FROM published WHERE newest = 1
  -- Every month and the total appear even when nothing was recorded in them.
  UNION ALL
  SELECT concat($year, '-', lpad(CAST(value AS VARCHAR), 2, '0')), NULL, 0, 0, 0, 0
  FROM generate_series(1, 12) WHERE $by = 'month' AND $basis = 'registered'
  UNION ALL
  SELECT 'total', NULL, NULL, NULL, NULL, NULL WHERE $by = 'none' OR ($basis = 'resident' AND $by <> 'township')
),
grouped AS (
  SELECT group_code, min(group_order) AS group_order, sum(deaths) AS deaths, sum(males) AS males, sum(females) AS females, sum(unknown_sex) AS unknown_sex
  FROM counted
  GROUP BY group_code
),
shared AS (
  SELECT *, sum(deaths) OVER () AS total_deaths FROM grouped
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
    ELSE group_code
  END AS group_name,
  deaths,
  males,
  females,
  unknown_sex,
  total_deaths,
  round_half_up(100.0 * deaths / nullif(total_deaths, 0), 2) AS share_pct,
  CASE
    WHEN $basis = 'resident' AND $by NOT IN ('none', 'township') THEN 'not_published_by_' || $by
    WHEN deaths IS NULL THEN 'no_records'
    WHEN total_deaths = 0 THEN 'no_deaths'
  END AS reason
FROM shared
ORDER BY group_order NULLS LAST, group_code
