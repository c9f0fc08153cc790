/*
title: Fertility rates
title_zh: 生育率
description: Age-specific, general and total fertility rate, and the mean age at birth
description_zh: 分年龄生育率、一般生育率和总和生育率
owner: health
tags: [indicator, births, fertility]
unit: per 1,000 women; total fertility rate in children per woman; mean age in years
unit_zh: '‰'
definition: >-
  asfr = births to mothers of the age group / woman-years × 1000 (年龄别生育率); gfr = births /
  woman-years at 15–49 × 1000 (一般生育率); tfr = 5 × Σ asfr / 1000 (总和生育率); mean_age_at_birth =
  Σ (mid-age × asfr) / Σ asfr. Births: birth certificates at first issue, mother's age in full years
  at birth, under 15 counted at 15–19 and 50 or more at 45–49, unknown ages shared out like the known
  ones (`unknown_age_births` tells how many). Woman-years: mean of the women on the household register
  at the two ends of each year, age at year-end; with basis census or survey the women counted on 1
  November, times the years pooled. Certificates count births by place: the rates mean something only
  where mothers and women are the same people; a small county should pool three years. Intervals:
  95 %, exact Poisson for asfr and gfr, normal for tfr. Source: NBS, explanatory notes on main
  statistical indicators.
definition_zh: >-
  分年龄生育率＝该年龄组妇女的活产数÷该组平均妇女人数×1000；总和生育率＝各五岁组生育率之和×5÷1000；一般生育率＝活产数÷15–49岁平均妇女人数×1000。
params:
  year: {type: year, default: latest_complete_year, description: 'calendar year, the last one when years are pooled', description_zh: 年份}
  years: {type: integer, default: 1, min: 1, max: 5, description: how many years to pool, description_zh: 合并多少年}
  basis: {type: choice, default: registered, choices: [registered, census, survey], description: women of the household register or of the census or survey, description_zh: 数据口径：常住（resident）、户籍（registered）、普查（census）或抽样（survey）}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
chart: {type: line, x: age_group, y: [rate]}
publish: {threshold: 10, counts: [births], rates: [rate, rate_low, rate_high, woman_years, unknown_age_births]}
tests:
  - {unique: [measure, age_group]}
  - {on: sample, params: {year: 2018}, where: {measure: asfr, age_group: 30-34}, expect: {births: 127, woman_years: 403.5, rate: 314.75}}
*/
WITH groups AS (
  SELECT value AS lower_age, concat(value, '-', value + 4) AS age_group
  FROM generate_series(15, 45, 5)
),
mothers AS (
  SELECT CASE WHEN mother_age < 15 THEN 15 WHEN mother_age > 49 THEN 49 ELSE CAST(mother_age AS BIGINT) END AS age
  FROM birth_certificates
  WHERE birth_year BETWEEN $year - $years + 1 AND $year
    AND coalesce(issue_type, 'first') = 'first'
    AND ($region IS NULL OR starts_with(coalesce(region_code, township_code), $region))
),
births AS (
  SELECT age - age % 5 AS lower_age, CAST(count(*) AS DOUBLE) AS births
  FROM mothers
  GROUP BY 1
),
unknown AS (
  SELECT coalesce(sum(births) FILTER (WHERE lower_age IS NULL), 0) AS unknown_births,
    coalesce(sum(births), 0) AS all_births
  FROM births
),
year_ends AS (
  -- Trapezoid over the ends of the pooled years: half a year at both ends, a year in between.
  SELECT value AS back, CASE WHEN value = 0 OR value = $years THEN 0.5 ELSE 1.0 END AS years_lived
  FROM generate_series(0, 5)
  WHERE value <= $years
),
women AS (
  SELECT $year - y.back - h.birth_year AS age, y.years_lived AS woman_years
  FROM household_register h CROSS JOIN year_ends y
  WHERE $basis = 'registered'
    AND h.sex = 2
    AND h.birth_year BETWEEN $year - $years - 49 AND $year - 15
    AND (h.registration_date IS NULL OR h.registration_date < make_date($year - y.back + 1, 1, 1))
    AND (coalesce(h.status, 'active') = 'active' OR h.cancel_date >= make_date($year - y.back + 1, 1, 1))
    AND ($region IS NULL OR starts_with(coalesce(h.region_code, h.township_code), $region))
  UNION ALL
  SELECT survey_year - birth_year - CASE WHEN birth_month >= 11 THEN 1 ELSE 0 END, weight * $years
  FROM survey_persons
  WHERE $basis IN ('census', 'survey')
    AND survey_year = $year
    AND (survey_year % 10 = 0) = ($basis = 'census')
    AND coalesce(residence_type, 'resident') <> 'away'
    AND sex = 2
    AND ($region IS NULL OR starts_with(region_code, $region))
),
exposed AS (
  SELECT age - age % 5 AS lower_age, sum(woman_years) AS woman_years
  FROM women
  WHERE age BETWEEN 15 AND 49
  GROUP BY 1
),
known AS (
  SELECT g.lower_age, g.age_group,
    coalesce(e.woman_years, 0) AS woman_years,
    coalesce(b.births, 0) AS known_births,
    -- Births of unknown mother's age are shared out in proportion to the known ones.
    coalesce(b.births, 0) * CASE WHEN u.all_births > u.unknown_births THEN u.all_births / (u.all_births - u.unknown_births) ELSE 1 END AS births,
    u.unknown_births,
    u.all_births
  FROM groups g
  LEFT JOIN exposed e ON e.lower_age = g.lower_age
  LEFT JOIN births b ON b.lower_age = g.lower_age
  CROSS JOIN unknown u
),
summed AS (
  SELECT
    CAST(max(all_births) AS DOUBLE) AS births,
    sum(woman_years) AS woman_years,
    max(unknown_births) AS unknown_births,
    count(*) FILTER (WHERE woman_years = 0) AS groups_without_women,
    sum(births) AS shared_births,
    sum(5.0 * births / nullif(woman_years, 0)) AS tfr,
    sum(25.0 * births / nullif(woman_years * woman_years, 0)) AS tfr_variance,
    sum((lower_age + 2.5) * births / nullif(woman_years, 0)) / nullif(sum(births / nullif(woman_years, 0)), 0) AS mean_age
  FROM known
)
SELECT 'asfr' AS measure, age_group,
  CAST(known_births AS BIGINT) AS births,
  woman_years,
  CASE WHEN all_births > 0 THEN round_half_up(1000.0 * births / nullif(woman_years, 0), 2) END AS rate,
  CASE WHEN all_births > 0 THEN round_half_up(1000.0 * poisson_low(CAST(round(births) AS BIGINT)) / nullif(woman_years, 0), 2) END AS rate_low,
  CASE WHEN all_births > 0 THEN round_half_up(1000.0 * poisson_high(CAST(round(births) AS BIGINT)) / nullif(woman_years, 0), 2) END AS rate_high,
  CAST(NULL AS BIGINT) AS unknown_age_births,
  CASE WHEN woman_years = 0 THEN 'no_women' WHEN all_births = 0 THEN 'no_births' END AS reason
FROM known
UNION ALL
SELECT 'gfr', '15-49', CAST(births AS BIGINT), woman_years,
  CASE WHEN births > 0 THEN round_half_up(1000.0 * births / nullif(woman_years, 0), 2) END,
  CASE WHEN births > 0 THEN round_half_up(1000.0 * poisson_low(CAST(births AS BIGINT)) / nullif(woman_years, 0), 2) END,
  CASE WHEN births > 0 THEN round_half_up(1000.0 * poisson_high(CAST(births AS BIGINT)) / nullif(woman_years, 0), 2) END,
  CAST(unknown_births AS BIGINT),
  CASE WHEN woman_years = 0 THEN 'no_women' WHEN births = 0 THEN 'no_births' END
FROM summed
UNION ALL
SELECT 'tfr', '15-49', CAST(births AS BIGINT), woman_years,
  CASE WHEN shared_births > 0 AND groups_without_women = 0 THEN round_half_up(tfr, 2) END,
  CASE WHEN shared_births > 0 AND groups_without_women = 0 THEN round_half_up(greatest(tfr - 1.959964 * sqrt(tfr_variance), 0), 2) END,
  CASE WHEN shared_births > 0 AND groups_without_women = 0 THEN round_half_up(tfr + 1.959964 * sqrt(tfr_variance), 2) END,
  CAST(unknown_births AS BIGINT),
  CASE WHEN groups_without_women > 0 THEN 'no_women' WHEN births = 0 THEN 'no_births' WHEN shared_births = 0 THEN 'no_mother_age' END
FROM summed
UNION ALL
SELECT 'mean_age_at_birth', '15-49', CAST(births AS BIGINT), woman_years,
  CASE WHEN groups_without_women = 0 THEN round_half_up(mean_age, 2) END,
  NULL, NULL,
  CAST(unknown_births AS BIGINT),
  CASE WHEN groups_without_women > 0 THEN 'no_women' WHEN births = 0 THEN 'no_births' WHEN shared_births = 0 THEN 'no_mother_age' END
FROM summed
ORDER BY measure, age_group
