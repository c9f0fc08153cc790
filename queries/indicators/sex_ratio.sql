/*
title: Sex ratio of the population
title_zh: 总人口性别比
description: Men per 100 women
description_zh: 人口性别比
owner: statistics
tags: [indicator, population]
unit: men per 100 women
unit_zh: '女=100'
definition: >-
  Sex ratio = men / women × 100. Resident = published statistics; registered = household register at
  24:00 on 31 December; people of unknown sex are counted apart and left out of the ratio. Interval
  (95 %) only for the registered basis: Wilson limits p of the share of men, as 100 p / (1 − p).
  Source: NBS, explanatory notes on main statistical indicators.
definition_zh: >-
  性别比＝男性人口÷女性人口×100。
params:
  year: {type: year, default: latest_complete_year, description: calendar year (population at its end or at the census or survey of that year), description_zh: 年份}
  by: {type: choice, default: none, choices: [none, township, urban_rural, ethnicity, age_group], description: one row per what; all but township need the registered basis, description_zh: 按什么分组}
  basis: {type: choice, default: resident, choices: [resident, registered], description: published resident figures or household register, description_zh: 数据口径：常住（resident）、户籍（registered）、普查（census）或抽样（survey）}
  reference: {type: choice, default: auto, choices: [auto, year_end, census, survey], description: which published figure; auto takes the first that is complete, description_zh: 时点：年末、普查或抽样调查}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
  vintage: {type: text, description: 'only figures of this vintage (original, revised …); the latest when left out', description_zh: 只用该版次的数（如 original、revised）；不填用最新版}
chart: {type: bar, x: group_name, y: [sex_ratio]}
publish: {threshold: 10, figures: population, counts: [population, males, females, unknown_sex], sums: ["population = males + females + unknown_sex"], rates: [sex_ratio, sex_ratio_low, sex_ratio_high]}
tests:
  - {unique: [group_code]}
  - {on: sample, params: {year: 2018, basis: resident}, expect: {males: 141300, females: 132500, sex_ratio: 106.64}}
*/
WITH published AS (
  SELECT region_code, reference, measure, value,
    row_number() OVER (PARTITION BY region_code, reference, measure ORDER BY CASE vintage WHEN 'revised' THEN 1 WHEN 'preliminary' THEN 3 ELSE 2 END, vintage DESC NULLS LAST, delivery_id DESC) AS newest
  FROM population_statistics
  WHERE $basis = 'resident'
    AND year = $year
    AND measure IN ('male_population', 'female_population')
    AND value IS NOT NULL
    AND ($reference = 'auto' OR reference = $reference)
    AND ($vintage IS NULL OR vintage = $vintage)
    AND CASE
      WHEN $by = 'township' THEN substr(region_code, 7, 3) <> '000' AND substr(region_code, 10, 3) = '000' AND ($region IS NULL OR starts_with(region_code, $region))
      WHEN $by <> 'none' THEN false
      WHEN $region IS NULL THEN substr(region_code, 5, 2) <> '00' AND substr(region_code, 7, 6) = '000000'
      ELSE region_code = rpad($region, 12, '0')
    END
),
placed AS (
  SELECT region_code, reference,
    max(value) FILTER (WHERE measure = 'male_population') AS males,
    max(value) FILTER (WHERE measure = 'female_population') AS females
  FROM published
  WHERE newest = 1
  GROUP BY region_code, reference
),
resident AS (
  SELECT *,
    row_number() OVER (
      PARTITION BY region_code
      ORDER BY CASE WHEN males IS NULL OR females IS NULL THEN 1 ELSE 0 END, CASE reference WHEN 'year_end' THEN 1 WHEN 'census' THEN 2 ELSE 3 END
    ) AS preference
  FROM placed
),
registered AS (
  SELECT
    CASE
      WHEN $by = 'township' THEN coalesce(h.township_code, 'unknown')
      WHEN $by = 'urban_rural' THEN CASE WHEN r.is_urban THEN 'urban' WHEN NOT r.is_urban THEN 'rural' ELSE 'unknown' END
      WHEN $by = 'ethnicity' THEN coalesce(h.ethnicity, 'unknown')
      ELSE 'total'
    END AS place_code,
    CASE WHEN $by = 'age_group' THEN CAST($year AS BIGINT) - h.birth_year END AS age,
    h.sex
  FROM household_register h
  LEFT JOIN (SELECT region_code, is_urban FROM regions WHERE $by = 'urban_rural') r ON r.region_code = h.region_code
  WHERE $basis = 'registered'
    AND coalesce(h.birth_year, 0) <= $year
    AND (h.registration_date IS NULL OR h.registration_date < make_date($year + 1, 1, 1))
    AND (coalesce(h.status, 'active') = 'active' OR h.cancel_date >= make_date($year + 1, 1, 1))
    AND ($region IS NULL OR starts_with(coalesce(h.region_code, h.township_code), $region))
),
cells AS (
  -- Few cells of age and sex, so that labels are made once per cell and not per person.
  SELECT
    CASE WHEN $by = 'age_group' THEN coalesce(age_group(age, '5y'), 'unknown') ELSE place_code END AS group_code,
    CASE WHEN $by = 'age_group' THEN age_group_order(age, '5y') END AS group_order,
    sex,
    people
  FROM (SELECT place_code, age, sex, CAST(count(*) AS DOUBLE) AS people FROM registered GROUP BY place_code, age, sex) AS counts
),
counted AS (
  SELECT CASE WHEN $by = 'township' THEN region_code ELSE 'total' END AS group_code, 1 AS places, CAST(NULL AS BIGINT) AS group_order,
    reference, males, females, CAST(NULL AS DOUBLE) AS unknown
  FROM resident WHERE preference = 1
  UNION ALL
  SELECT group_code, 1, CAST(min(group_order) AS BIGINT), 'year_end',
    coalesce(sum(people) FILTER (WHERE sex = 1), 0),
    coalesce(sum(people) FILTER (WHERE sex = 2), 0),
    coalesce(sum(people) FILTER (WHERE sex IS NULL OR sex NOT IN (1, 2)), 0)
  FROM cells GROUP BY group_code
  UNION ALL
  SELECT 'total', 0, NULL, NULL, NULL, NULL, NULL WHERE $by = 'none' OR ($basis = 'resident' AND $by <> 'township')
),
grouped AS (
  SELECT group_code, min(group_order) AS group_order, max(reference) AS reference,
    CASE WHEN count(males) = sum(places) THEN CAST(round(sum(males)) AS BIGINT) END AS males,
    CASE WHEN count(females) = sum(places) THEN CAST(round(sum(females)) AS BIGINT) END AS females,
    CAST(round(sum(unknown)) AS BIGINT) AS unknown_sex
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
    WHEN $by = 'age_group' THEN group_code
    WHEN $by = 'ethnicity' THEN coalesce(code_name('ethnicity', group_code), group_code)
    ELSE coalesce(region_name(group_code), group_code)
  END AS group_name,
  reference,
  males + females AS population,
  males,
  females,
  unknown_sex,
  round_half_up(100.0 * males / nullif(females, 0), 2) AS sex_ratio,
  CASE WHEN $basis = 'registered' AND females > 0 THEN round_half_up(sex_ratio_low(males, females), 2) END AS sex_ratio_low,
  CASE WHEN $basis = 'registered' AND females > 0 THEN round_half_up(sex_ratio_high(males, females), 2) END AS sex_ratio_high,
  CASE
    WHEN $basis = 'resident' AND $by NOT IN ('none', 'township') THEN 'not_published_by_' || $by
    WHEN males IS NULL AND females IS NULL THEN 'no_population'
    WHEN males IS NULL THEN 'no_men'
    WHEN females IS NULL OR females = 0 THEN 'no_women'
  END AS reason
FROM grouped
ORDER BY group_order NULLS LAST, group_code
