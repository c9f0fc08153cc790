/*
title: Median age
title_zh: 年龄中位数
description: Age that half of the population has not reached
description_zh: 半数人口尚未达到的年龄
owner: statistics
tags: [indicator, population, age]
unit: years
unit_zh: '岁'
definition: >-
  Age = full years (周岁), at 24:00 on 31 December for the household register and at 0:00 on
  1 November for census and survey persons, who count with their weights.
  Median age = L + w × (N/2 − F) / n, interpolated linearly in the age group that holds the middle
  person: L its lower bound, w its width, n the people in it, F the people younger than L, N all
  people of known age. Grouped as published (0, 1–4, 5–9 … 85+) or by single years (100+ last). NULL
  when the middle person is in the open last group. Source: NBS, explanatory notes on main
  statistical indicators.
definition_zh: >-
  年龄中位数＝L＋w×(N/2－F)÷n：在中间一人所在的年龄组内线性插值，L 为组下限，w 为组距，n 为组内人数，F 为 L 以下人数。
params:
  year: {type: year, default: latest_complete_year, description: calendar year, description_zh: 年份}
  by: {type: choice, default: none, choices: [none, township, sex, urban_rural, ethnicity], description: one set of rows per what, description_zh: 按什么分组}
  basis: {type: choice, default: registered, choices: [registered, resident, census, survey], description: 'household register at year-end, or persons of the census or survey of the year (resident = either)', description_zh: 数据口径：常住（resident）、户籍（registered）、普查（census）或抽样（survey）}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
  method: {type: choice, default: five_year, choices: [five_year, single_year], description: width of the age groups, description_zh: 年龄组的宽度}
chart: {type: bar, x: group_name, y: [median_age]}
publish: {threshold: 10, counts: [population], rates: [median_age]}
tests:
  - {unique: [group_code]}
  - {on: sample, params: {year: 2018, basis: registered}, expect: {population: 2985, median_age: 33.43}}
  - {on: sample, params: {year: 2018, basis: registered, method: single_year}, expect: {median_age: 33.57}}
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
  WHERE $basis IN ('resident', 'census', 'survey')
    AND s.survey_year = $year
    AND ($basis = 'resident' OR (s.survey_year % 10 = 0) = ($basis = 'census'))
    AND ($region IS NULL OR starts_with(s.region_code, $region))
    -- Not living here, or born after the reference time.
    AND coalesce(s.residence_type, 'resident') <> 'away'
    AND NOT coalesce(s.birth_year = s.survey_year AND s.birth_month >= 11, false)
),
bounded AS (
  SELECT group_code, weight,
    CASE
      WHEN $method = 'single_year' THEN least(age, 100)
      WHEN age = 0 THEN 0
      WHEN age < 5 THEN 1
      WHEN age >= 85 THEN 85
      ELSE age - age % 5
    END AS lower_age
  FROM people
  WHERE age >= 0
  UNION ALL
  SELECT 'total', CAST(0 AS DOUBLE), 0 WHERE $by = 'none'
),
grouped AS (
  SELECT group_code, lower_age, sum(weight) AS people
  FROM bounded
  GROUP BY group_code, lower_age
),
cumulated AS (
  SELECT group_code, lower_age, people,
    sum(people) OVER (PARTITION BY group_code ORDER BY lower_age ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS reached,
    sum(people) OVER (PARTITION BY group_code) AS population
  FROM grouped
),
middle AS (
  SELECT group_code, population, people, reached - people AS younger, lower_age,
    CASE
      WHEN $method = 'single_year' THEN CASE WHEN lower_age < 100 THEN 1 END
      WHEN lower_age = 0 THEN 1
      WHEN lower_age = 1 THEN 4
      WHEN lower_age < 85 THEN 5
    END AS width,
    row_number() OVER (PARTITION BY group_code ORDER BY lower_age) AS first_reached
  FROM cumulated
  WHERE reached >= population / 2.0
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
  CAST(round(population) AS BIGINT) AS population,
  round_half_up(lower_age + width * (population / 2.0 - younger) / nullif(people, 0), 2) AS median_age,
  CASE
    WHEN population = 0 THEN 'no_population'
    WHEN width IS NULL THEN 'open_age_group'
  END AS reason
FROM middle
WHERE first_reached = 1
ORDER BY group_code
