/*
title: Age structure and dependency ratios
title_zh: 年龄结构与抚养比
description: Shares of the broad age groups, dependency ratios and the ageing index
description_zh: 主要年龄组比重、抚养比和老少比
owner: statistics
tags: [indicator, population, age]
unit: per cent
unit_zh: '%'
definition: >-
  Age = full years (周岁), at 24:00 on 31 December for the household register and at 0:00 on
  1 November for census and survey persons, who count with their weights.
  child_dependency = P0–14 / P15–64 × 100; old_dependency = P65+ / P15–64 × 100; total_dependency =
  (P0–14 + P65+) / P15–64 × 100 (NBS, UN). total_dependency_60 = (P0–14 + P60+) / P15–59 × 100 is the
  variant with 60. share_… = age group / people of known age × 100. ageing_index = P65+ / P0–14 × 100.
  support_ratio = P15–64 / P65+ (persons). women_15_49_share = women aged 15–49 / people of known age × 100.
  With basis resident the figures come from the census-year aggregates working-age (15–59), 60+ and
  65+ of the statistics department. Source: NBS, explanatory notes on main statistical indicators.
definition_zh: >-
  少儿抚养比＝0–14岁÷15–64岁×100；老年抚养比＝65岁及以上÷15–64岁×100；总抚养比为两者之和；老少比＝65岁及以上÷0–14岁×100。
params:
  year: {type: year, default: latest_complete_year, description: calendar year, description_zh: 年份}
  by: {type: choice, default: none, choices: [none, township, sex, urban_rural, ethnicity], description: one set of rows per what, description_zh: 按什么分组}
  basis: {type: choice, default: registered, choices: [registered, resident, census, survey], description: 'household register at year-end, persons of the census or survey of the year, or published aggregates (resident)', description_zh: 数据口径：常住（resident）、户籍（registered）、普查（census）或抽样（survey）}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
  vintage: {type: text, description: 'only figures of this vintage (original, revised …); the latest when left out', description_zh: 只用该版次的数（如 original、revised）；不填用最新版}
chart: {type: bar, x: measure, y: [value]}
publish: {threshold: 10, counts: [numerator, denominator], rates: [value]}
tests:
  - {unique: [group_code, measure]}
  - {on: sample, params: {year: 2018, basis: registered}, where: {measure: child_dependency}, expect: {numerator: 592, denominator: 1934, value: 30.61}}
  - {on: sample, params: {year: 2018, basis: registered}, where: {measure: ageing_index}, expect: {numerator: 459, denominator: 592, value: 77.53}}
*/
WITH people AS (
  SELECT
    CASE
      WHEN $by = 'township' THEN coalesce(h.township_code, 'unknown')
      WHEN $by = 'sex' THEN coalesce(CAST(h.sex AS VARCHAR), 'unknown')
      WHEN $by = 'urban_rural' THEN CASE WHEN r.is_urban THEN 'urban' WHEN NOT r.is_urban THEN 'rural' ELSE 'unknown' END
      WHEN $by = 'ethnicity' THEN coalesce(h.ethnicity, 'unknown')
      ELSE 'total'
    END AS group_code,
    -- Full years at 24:00 on 31 December, when every birthday of the year has passed.
    CAST($year AS BIGINT) - h.birth_year AS age,
    h.sex AS sex,
    CAST(1 AS DOUBLE) AS weight
  FROM household_register h
  LEFT JOIN (SELECT region_code, is_urban FROM regions WHERE $by = 'urban_rural') r ON r.region_code = h.region_code
  WHERE $basis = 'registered'
    AND coalesce(h.birth_year, 0) <= $year
    AND (h.registration_date IS NULL OR h.registration_date < make_date($year + 1, 1, 1))
    AND (coalesce(h.status, 'active') = 'active' OR h.cancel_date >= make_date($year + 1, 1, 1))
    AND ($region IS NULL OR starts_with(coalesce(h.region_code, h.township_code), $region))
  UNION ALL
  SELECT
    CASE
      WHEN $by = 'township' THEN concat(substr(s.region_code, 1, 9), '000')
      WHEN $by = 'sex' THEN coalesce(CAST(s.sex AS VARCHAR), 'unknown')
      WHEN $by = 'urban_rural' THEN CASE WHEN r.is_urban THEN 'urban' WHEN NOT r.is_urban THEN 'rural' ELSE 'unknown' END
      WHEN $by = 'ethnicity' THEN coalesce(s.ethnicity, 'unknown')
      ELSE 'total'
    END,
    -- Full years at 0:00 on 1 November; a missing month counts as January to October.
    CAST(s.survey_year AS BIGINT) - s.birth_year - CASE WHEN s.birth_month >= 11 THEN 1 ELSE 0 END,
    s.sex,
    s.weight
  FROM survey_persons s
  LEFT JOIN (SELECT region_code, is_urban FROM regions WHERE $by = 'urban_rural') r ON r.region_code = s.region_code
  WHERE $basis IN ('census', 'survey')
    AND s.survey_year = $year
    AND (s.survey_year % 10 = 0) = ($basis = 'census')
    AND ($region IS NULL OR starts_with(s.region_code, $region))
    -- Not living here, or born after the reference time.
    AND coalesce(s.residence_type, 'resident') <> 'away'
    AND NOT coalesce(s.birth_year = s.survey_year AND s.birth_month >= 11, false)
),
figures AS (
  SELECT region_code, reference, measure, value,
    row_number() OVER (
      PARTITION BY region_code, measure
      ORDER BY CASE reference WHEN 'census' THEN 1 WHEN 'survey' THEN 2 ELSE 3 END, CASE vintage WHEN 'revised' THEN 1 WHEN 'preliminary' THEN 3 ELSE 2 END, vintage DESC NULLS LAST, delivery_id DESC
    ) AS newest
  FROM population_statistics
  WHERE $basis = 'resident'
    AND year = $year
    AND measure IN ('resident_population', 'working_age_population', 'population_60_plus', 'population_65_plus')
    AND value IS NOT NULL
    AND ($vintage IS NULL OR vintage = $vintage)
    AND CASE
      WHEN $by = 'township' THEN substr(region_code, 7, 3) <> '000' AND substr(region_code, 10, 3) = '000' AND ($region IS NULL OR starts_with(region_code, $region))
      WHEN $by <> 'none' THEN false
      WHEN $region IS NULL THEN substr(region_code, 5, 2) <> '00' AND substr(region_code, 7, 6) = '000000'
      ELSE region_code = rpad($region, 12, '0')
    END
),
placed AS (
  -- The population is that of the census or survey the age groups belong to, not of the year-end.
  SELECT region_code,
    max(value) FILTER (WHERE measure = 'resident_population') AS everyone,
    max(value) FILTER (WHERE measure = 'working_age_population') AS a15_59,
    max(value) FILTER (WHERE measure = 'population_60_plus') AS a60,
    max(value) FILTER (WHERE measure = 'population_65_plus') AS a65
  FROM figures
  WHERE newest = 1
  GROUP BY region_code
),
counted AS (
  SELECT group_code,
    sum(weight) AS everyone,
    coalesce(sum(weight) FILTER (WHERE age < 15), 0) AS a0_14,
    coalesce(sum(weight) FILTER (WHERE age BETWEEN 15 AND 59), 0) AS a15_59,
    coalesce(sum(weight) FILTER (WHERE age BETWEEN 15 AND 64), 0) AS a15_64,
    coalesce(sum(weight) FILTER (WHERE age >= 60), 0) AS a60,
    coalesce(sum(weight) FILTER (WHERE age >= 65), 0) AS a65,
    coalesce(sum(weight) FILTER (WHERE sex = 2 AND age BETWEEN 15 AND 49), 0) AS women
  FROM people
  WHERE age IS NOT NULL
  GROUP BY group_code
  UNION ALL
  SELECT CASE WHEN $by = 'township' THEN region_code ELSE 'total' END,
    sum(everyone), sum(everyone - a15_59 - a60), sum(a15_59), sum(a15_59 + a60 - a65), sum(a60), sum(a65), CAST(NULL AS DOUBLE)
  FROM placed
  GROUP BY 1
  UNION ALL
  SELECT 'total', NULL, NULL, NULL, NULL, NULL, NULL, NULL WHERE $by = 'none'
),
ages AS (
  SELECT group_code, sum(everyone) AS everyone, sum(a0_14) AS a0_14, sum(a15_59) AS a15_59, sum(a15_64) AS a15_64, sum(a60) AS a60, sum(a65) AS a65, sum(women) AS women
  FROM counted
  GROUP BY group_code
),
measures AS (
  SELECT column1 AS measure, column2 AS measure_name, column3 AS measure_order
  FROM (VALUES
    ('share_0_14', '0–14岁人口比重', 1),
    ('share_15_64', '15–64岁人口比重', 2),
    ('share_15_59', '15–59岁人口比重', 3),
    ('share_60_plus', '60岁及以上人口比重', 4),
    ('share_65_plus', '65岁及以上人口比重', 5),
    ('women_15_49_share', '15–49岁妇女比重', 6),
    ('child_dependency', '少儿抚养比', 7),
    ('old_dependency', '老年抚养比', 8),
    ('total_dependency', '总抚养比', 9),
    ('total_dependency_60', '总抚养比（60岁口径）', 10),
    ('ageing_index', '老少比', 11),
    ('support_ratio', '老年支持比', 12)
  ) AS listed
),
fractions AS (
  SELECT group_code, measure, measure_name, measure_order,
    CASE measure
      WHEN 'share_0_14' THEN a0_14 WHEN 'share_15_64' THEN a15_64 WHEN 'share_15_59' THEN a15_59
      WHEN 'share_60_plus' THEN a60 WHEN 'share_65_plus' THEN a65 WHEN 'women_15_49_share' THEN women
      WHEN 'child_dependency' THEN a0_14 WHEN 'old_dependency' THEN a65 WHEN 'total_dependency' THEN a0_14 + a65
      WHEN 'total_dependency_60' THEN a0_14 + a60 WHEN 'ageing_index' THEN a65 ELSE a15_64
    END AS numerator,
    CASE measure
      WHEN 'child_dependency' THEN a15_64 WHEN 'old_dependency' THEN a15_64 WHEN 'total_dependency' THEN a15_64
      WHEN 'total_dependency_60' THEN a15_59 WHEN 'ageing_index' THEN a0_14 WHEN 'support_ratio' THEN a65
      ELSE everyone
    END AS denominator
  FROM ages CROSS JOIN measures
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
  measure,
  measure_name,
  CAST(round(numerator) AS BIGINT) AS numerator,
  CAST(round(denominator) AS BIGINT) AS denominator,
  round_half_up(CASE WHEN measure = 'support_ratio' THEN 1.0 ELSE 100.0 END * numerator / nullif(denominator, 0), 2) AS value,
  CASE
    WHEN $basis = 'resident' AND $by NOT IN ('none', 'township') THEN 'not_published_by_' || $by
    WHEN denominator IS NULL OR denominator = 0 THEN 'no_population'
    WHEN numerator IS NULL THEN 'not_published'
  END AS reason
FROM fractions
ORDER BY group_code, measure_order
