/*
title: Population
title_zh: 人口总数
description: Population at the end of a year, and its change over the year before
description_zh: 人口数、比重和比上年增减
owner: statistics
tags: [indicator, population]
unit: persons
unit_zh: '人'
definition: >-
  Resident = resident population (常住人口) as published, at year-end or at the census or survey of
  the year (1 November). Registered = people on the household register at 24:00 on 31 December: born
  and registered by then and not cancelled before then. Growth = population / population one year
  earlier − 1, both on the same basis. A revised vintage or a census after years of estimates
  breaks the series: compare `reference`. Source: NBS, explanatory notes on main statistical indicators.
definition_zh: >-
  resident：统计部门公布的常住人口；registered：年末户籍人口；增长率＝（本年－上年）÷上年×100。
params:
  year: {type: year, default: latest_complete_year, description: calendar year, description_zh: 年份}
  by: {type: choice, default: none, choices: [none, township, sex, urban_rural, ethnicity], description: one row per what; ethnicity needs the registered basis, description_zh: 按什么分组}
  basis: {type: choice, default: resident, choices: [resident, registered], description: published resident figures or household register, description_zh: 数据口径：常住（resident）、户籍（registered）、普查（census）或抽样（survey）}
  reference: {type: choice, default: auto, choices: [auto, year_end, census, survey], description: 'which published figure; auto takes year-end, then census, then survey', description_zh: 时点：年末、普查或抽样调查}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
  vintage: {type: text, description: 'only figures of this vintage (original, revised …); the latest when left out', description_zh: 只用该版次的数（如 original、revised）；不填用最新版}
chart: {type: bar, x: group_name, y: [population]}
publish: {threshold: 10, figures: population, counts: [population, previous_population], wholes: [total_population], rates: [change, growth_pct, share_pct]}
tests:
  - {unique: [group_code]}
  - {on: sample, params: {year: 2018, basis: resident}, expect: {population: 273800, previous_population: 278900, change: -5100, growth_pct: -1.83}}
*/
WITH published AS (
  SELECT region_code, year, measure, value, reference,
    row_number() OVER (
      PARTITION BY region_code, year, measure
      ORDER BY CASE reference WHEN 'year_end' THEN 1 WHEN 'census' THEN 2 ELSE 3 END, CASE vintage WHEN 'revised' THEN 1 WHEN 'preliminary' THEN 3 ELSE 2 END, vintage DESC NULLS LAST, delivery_id DESC
    ) AS newest
  FROM population_statistics
  WHERE $basis = 'resident'
    AND year BETWEEN $year - 1 AND $year
    AND value IS NOT NULL
    AND ($reference = 'auto' OR reference = $reference)
    AND ($vintage IS NULL OR vintage = $vintage)
    AND CASE
      WHEN $by = 'sex' THEN measure IN ('male_population', 'female_population')
      WHEN $by = 'urban_rural' THEN measure IN ('urban_population', 'rural_population')
      WHEN $by = 'ethnicity' THEN false
      ELSE measure = 'resident_population'
    END
    AND CASE
      WHEN $by = 'township' THEN substr(region_code, 7, 3) <> '000' AND substr(region_code, 10, 3) = '000' AND ($region IS NULL OR starts_with(region_code, $region))
      WHEN $region IS NULL THEN substr(region_code, 5, 2) <> '00' AND substr(region_code, 7, 6) = '000000'
      ELSE region_code = rpad($region, 12, '0')
    END
),
registered AS (
  SELECT
    CASE
      WHEN $by = 'township' THEN coalesce(h.township_code, 'unknown')
      WHEN $by = 'sex' THEN coalesce(CAST(h.sex AS VARCHAR), 'unknown')
      WHEN $by = 'urban_rural' THEN CASE WHEN r.is_urban THEN 'urban' WHEN NOT r.is_urban THEN 'rural' ELSE 'unknown' END
      WHEN $by = 'ethnicity' THEN coalesce(h.ethnicity, 'unknown')
      ELSE 'total'
    END AS group_code,
    CASE WHEN (h.registration_date IS NULL OR h.registration_date < make_date($year + 1, 1, 1))
      AND (coalesce(h.status, 'active') = 'active' OR h.cancel_date >= make_date($year + 1, 1, 1)) THEN 1 ELSE 0 END AS at_end,
    CASE WHEN coalesce(h.birth_year, 0) < $year
      AND (h.registration_date IS NULL OR h.registration_date < make_date($year, 1, 1))
      AND (coalesce(h.status, 'active') = 'active' OR h.cancel_date >= make_date($year, 1, 1)) THEN 1 ELSE 0 END AS at_start
  FROM household_register h
  LEFT JOIN (SELECT region_code, is_urban FROM regions WHERE $by = 'urban_rural') r ON r.region_code = h.region_code
  WHERE $basis = 'registered'
    AND coalesce(h.birth_year, 0) <= $year
    AND ($region IS NULL OR starts_with(coalesce(h.region_code, h.township_code), $region))
),
counted AS (
  SELECT
    CASE
      WHEN $by = 'township' THEN region_code
      WHEN $by = 'sex' THEN CASE measure WHEN 'male_population' THEN '1' ELSE '2' END
      WHEN $by = 'urban_rural' THEN CASE measure WHEN 'urban_population' THEN 'urban' ELSE 'rural' END
      ELSE 'total'
    END AS group_code,
    max(reference) FILTER (WHERE year = $year) AS reference,
    sum(value) FILTER (WHERE year = $year) AS population,
    sum(value) FILTER (WHERE year = $year - 1) AS previous
  FROM published
  WHERE newest = 1
  GROUP BY 1
  UNION ALL
  SELECT group_code, 'year_end', CAST(sum(at_end) AS DOUBLE), CAST(sum(at_start) AS DOUBLE)
  FROM registered
  GROUP BY group_code
  UNION ALL
  SELECT 'total', NULL, NULL, NULL WHERE $by = 'none' OR ($basis = 'resident' AND $by = 'ethnicity')
),
grouped AS (
  SELECT group_code, max(reference) AS reference, sum(population) AS population, sum(previous) AS previous
  FROM counted
  GROUP BY group_code
),
shared AS (
  SELECT *, sum(population) OVER () AS total FROM grouped
)
SELECT
  group_code,
  CASE
    WHEN group_code = 'total' THEN '合计'
    WHEN group_code = 'unknown' THEN '不详'
    WHEN group_code = 'urban' THEN '城镇'
    WHEN group_code = 'rural' THEN '乡村'
    WHEN $by = 'sex' THEN coalesce(code_name('sex', group_code), group_code)
    WHEN $by = 'ethnicity' THEN coalesce(code_name('ethnicity', group_code), group_code)
    ELSE coalesce(region_name(group_code), group_code)
  END AS group_name,
  reference,
  CAST(round(population) AS BIGINT) AS population,
  CAST(round(total) AS BIGINT) AS total_population,
  round_half_up(100.0 * population / nullif(total, 0), 2) AS share_pct,
  CAST(round(previous) AS BIGINT) AS previous_population,
  CAST(round(population - previous) AS BIGINT) AS change,
  round_half_up(100.0 * (population - previous) / nullif(previous, 0), 2) AS growth_pct,
  CASE
    WHEN $basis = 'resident' AND $by = 'ethnicity' THEN 'not_published_by_ethnicity'
    WHEN population IS NULL THEN 'no_population'
    WHEN previous IS NULL OR previous = 0 THEN 'no_previous_population'
  END AS reason
FROM shared
ORDER BY group_code
