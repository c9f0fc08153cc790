/*
title: Natural increase
title_zh: 出生率、死亡率与自然增长率
description: Birth, death and natural increase rates of a year over the mean population
description_zh: 出生率、死亡率和自然增长率
owner: statistics
tags: [indicator, births, deaths, population]
unit: per 1,000 persons
unit_zh: '‰'
definition: >-
  Birth rate = live births / mean population × 1000; death rate = deaths / mean population × 1000;
  natural increase rate = (births − deaths) / mean population × 1000, computed from the counts and
  not from the rounded rates. Mean population = (population at the previous year-end + population at
  this year-end) / 2; a single census or survey count inside the year stands for the mean when the
  previous year-end is missing. Resident = published statistics; registered = household register
  (births of the year on the register, not moved in and no duplicates; deaths reported by the police). Never mix the two.
  Residual = end − start − (births − deaths): net migration and error; a large one tells that the two
  year-ends are not comparable (another vintage, boundary or census). Intervals:
  95 %, exact Poisson for births and deaths, normal for their difference. Source: NBS, explanatory
  notes on main statistical indicators.
definition_zh: >-
  出生率＝出生人数÷年平均人口×1000；死亡率同理；自然增长率＝（出生－死亡）÷年平均人口×1000。年平均人口＝（年初人口＋年末人口）÷2。
params:
  year: {type: year, default: latest_complete_year, description: calendar year, description_zh: 年份}
  by: {type: choice, default: none, choices: [none, township], description: one row per what, description_zh: 按什么分组}
  basis: {type: choice, default: resident, choices: [resident, registered], description: published resident figures or household register, description_zh: 数据口径：常住（resident）、户籍（registered）、普查（census）或抽样（survey）}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
  vintage: {type: text, description: 'only figures of this vintage (original, revised …); the latest when left out', description_zh: 只用该版次的数（如 original、revised）；不填用最新版}
chart: {type: bar, x: group_name, y: [birth_rate, death_rate, natural_increase_rate]}
publish: {threshold: 10, counts: [births, deaths, start_population, end_population], rates: [natural_increase, residual, birth_rate, birth_rate_low, birth_rate_high, death_rate, death_rate_low, death_rate_high, natural_increase_rate, natural_increase_low, natural_increase_high]}
tests:
  - {unique: [group_code]}
  - {on: sample, params: {year: 2018, basis: resident}, expect: {births: 1930, deaths: 1720, natural_increase: 210, start_population: 278900, end_population: 273800, mean_population: 276350, birth_rate: 6.98, death_rate: 6.22, natural_increase_rate: 0.76}}
*/
WITH published AS (
  SELECT region_code, year, measure, value, reference, vintage,
    row_number() OVER (
      PARTITION BY region_code, year, measure
      ORDER BY CASE reference WHEN 'year_end' THEN 1 WHEN 'census' THEN 2 ELSE 3 END, CASE vintage WHEN 'revised' THEN 1 WHEN 'preliminary' THEN 3 ELSE 2 END, vintage DESC NULLS LAST, delivery_id DESC
    ) AS newest
  FROM population_statistics
  WHERE $basis = 'resident'
    AND year BETWEEN $year - 1 AND $year
    AND measure IN ('resident_population', 'births', 'deaths')
    AND value IS NOT NULL
    AND ($vintage IS NULL OR vintage = $vintage)
    AND CASE
      WHEN $by = 'township' THEN substr(region_code, 7, 3) <> '000' AND substr(region_code, 10, 3) = '000' AND ($region IS NULL OR starts_with(region_code, $region))
      WHEN $region IS NULL THEN substr(region_code, 5, 2) <> '00' AND substr(region_code, 7, 6) = '000000'
      ELSE region_code = rpad($region, 12, '0')
    END
),
resident AS (
  SELECT region_code,
    max(value) FILTER (WHERE measure = 'births' AND year = $year) AS births,
    max(value) FILTER (WHERE measure = 'deaths' AND year = $year) AS deaths,
    max(value) FILTER (WHERE measure = 'resident_population' AND year = $year - 1) AS start_population,
    max(value) FILTER (WHERE measure = 'resident_population' AND year = $year) AS end_population,
    max(reference) FILTER (WHERE measure = 'resident_population' AND year = $year) AS end_reference
  FROM published
  WHERE newest = 1
  GROUP BY region_code
),
registered_births AS (
  SELECT
    township_code,
    CASE WHEN birth_year = $year
      AND coalesce(registration_reason, 'birth') <> 'moved_in'
      AND coalesce(cancel_reason, 'other') <> 'duplicate' THEN 1 ELSE 0 END AS births,
    -- On the register when the year began: born, registered and not yet cancelled by then.
    CASE WHEN coalesce(birth_year, 0) < $year
      AND (registration_date IS NULL OR registration_date < make_date($year, 1, 1))
      AND (coalesce(status, 'active') = 'active' OR cancel_date >= make_date($year, 1, 1)) THEN 1 ELSE 0 END AS at_start,
    CASE WHEN (registration_date IS NULL OR registration_date < make_date($year + 1, 1, 1))
      AND (coalesce(status, 'active') = 'active' OR cancel_date >= make_date($year + 1, 1, 1)) THEN 1 ELSE 0 END AS at_end
  FROM household_register
  WHERE $basis = 'registered'
    AND coalesce(birth_year, 0) <= $year
    AND ($region IS NULL OR starts_with(coalesce(region_code, township_code), $region))
),
police_deaths AS (
  SELECT township_code, person_key,
    row_number() OVER (PARTITION BY person_key ORDER BY death_date, delivery_id, source_row) AS precedence
  FROM deaths
  WHERE $basis = 'registered'
    AND death_year = $year
    AND reported_by = 'police'
    AND ($region IS NULL OR starts_with(coalesce(region_code, township_code), $region))
),
counted AS (
  SELECT CASE WHEN $by = 'township' THEN region_code ELSE 'total' END AS group_code,
    1 AS places, births, deaths, start_population, end_population, end_reference
  FROM resident
  UNION ALL
  SELECT group_code, 1, CAST(sum(births) AS DOUBLE), CAST(sum(deaths) AS DOUBLE), CAST(sum(at_start) AS DOUBLE), CAST(sum(at_end) AS DOUBLE), 'year_end'
  FROM (
    SELECT CASE WHEN $by = 'township' THEN coalesce(township_code, 'unknown') ELSE 'total' END AS group_code,
      births, 0 AS deaths, at_start, at_end
    FROM registered_births
    UNION ALL
    SELECT CASE WHEN $by = 'township' THEN coalesce(township_code, 'unknown') ELSE 'total' END, 0, 1, 0, 0
    FROM police_deaths
    WHERE precedence = 1 OR person_key IS NULL
  ) AS registered
  GROUP BY group_code
  UNION ALL
  SELECT 'total', 0, NULL, NULL, NULL, NULL, NULL WHERE $by = 'none'
),
grouped AS (
  -- A total over several places is given only when every one of them is known.
  SELECT group_code,
    CASE WHEN count(births) = sum(places) THEN sum(births) END AS births,
    CASE WHEN count(deaths) = sum(places) THEN sum(deaths) END AS deaths,
    CASE WHEN count(start_population) = sum(places) THEN sum(start_population) END AS start_population,
    CASE WHEN count(end_population) = sum(places) THEN sum(end_population) END AS end_population,
    min(end_reference) AS first_reference,
    max(end_reference) AS last_reference
  FROM counted
  GROUP BY group_code
),
averaged AS (
  SELECT *,
    CASE
      WHEN start_population > 0 AND end_population > 0 THEN (start_population + end_population) / 2.0
      WHEN start_population IS NULL AND end_population > 0 AND first_reference IN ('census', 'survey') AND first_reference = last_reference THEN end_population
    END AS mean_population
  FROM grouped
)
SELECT
  group_code,
  CASE
    WHEN group_code = 'total' THEN '合计'
    WHEN group_code = 'unknown' THEN '不详'
    ELSE coalesce(region_name(group_code), group_code)
  END AS group_name,
  CAST(round(births) AS BIGINT) AS births,
  CAST(round(deaths) AS BIGINT) AS deaths,
  CAST(round(births - deaths) AS BIGINT) AS natural_increase,
  CAST(round(start_population) AS BIGINT) AS start_population,
  CAST(round(end_population) AS BIGINT) AS end_population,
  CAST(round(end_population - start_population - (births - deaths)) AS BIGINT) AS residual,
  mean_population,
  round_half_up(1000.0 * births / mean_population, 2) AS birth_rate,
  round_half_up(1000.0 * poisson_low(CAST(round(births) AS BIGINT)) / mean_population, 2) AS birth_rate_low,
  round_half_up(1000.0 * poisson_high(CAST(round(births) AS BIGINT)) / mean_population, 2) AS birth_rate_high,
  round_half_up(1000.0 * deaths / mean_population, 2) AS death_rate,
  round_half_up(1000.0 * poisson_low(CAST(round(deaths) AS BIGINT)) / mean_population, 2) AS death_rate_low,
  round_half_up(1000.0 * poisson_high(CAST(round(deaths) AS BIGINT)) / mean_population, 2) AS death_rate_high,
  round_half_up(1000.0 * (births - deaths) / mean_population, 2) AS natural_increase_rate,
  round_half_up(1000.0 * (births - deaths - 1.959964 * sqrt(births + deaths)) / mean_population, 2) AS natural_increase_low,
  round_half_up(1000.0 * (births - deaths + 1.959964 * sqrt(births + deaths)) / mean_population, 2) AS natural_increase_high,
  CASE
    WHEN end_population IS NULL AND start_population IS NULL THEN 'no_population'
    WHEN start_population IS NULL AND mean_population IS NULL THEN 'no_start_population'
    WHEN end_population IS NULL THEN 'no_end_population'
    WHEN mean_population IS NULL THEN 'no_population'
    WHEN births IS NULL AND deaths IS NULL THEN 'no_births_and_deaths'
    WHEN births IS NULL THEN 'no_births'
    WHEN deaths IS NULL THEN 'no_deaths'
  END AS reason
FROM averaged
ORDER BY group_code
