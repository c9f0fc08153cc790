/*
title: Urban and rural population
title_zh: 城乡人口与城镇化率
description: Urban and rural population and the urban share
description_zh: 城镇人口、乡村人口和城镇化率
owner: statistics
tags: [indicator, population]
unit: per cent
unit_zh: '%'
definition: >-
  Urbanisation rate = urban resident population / resident population × 100. Urban follows the
  urban–rural class of the village-level unit (first digit 1: 111, 112, 121, 122, 123; 国函〔2008〕60号).
  The registered basis counts people of the household register by the class of their registered
  village and is a different measure from the resident rate; people whose village has no class are
  counted as unknown and left out of the rate. Source: NBS, explanatory notes on main statistical
  indicators.
definition_zh: >-
  城镇化率＝城镇人口÷总人口×100，分母为城乡类别已知的人口。
params:
  year: {type: year, default: latest_complete_year, description: calendar year (population at its end or at the census or survey of that year), description_zh: 年份}
  by: {type: choice, default: none, choices: [none, township, sex, ethnicity], description: one row per what; sex and ethnicity need the registered basis, description_zh: 按什么分组}
  basis: {type: choice, default: resident, choices: [resident, registered], description: published resident figures or household register, description_zh: 数据口径：常住（resident）、户籍（registered）、普查（census）或抽样（survey）}
  reference: {type: choice, default: auto, choices: [auto, year_end, census, survey], description: which published figure; auto takes the first that is complete, description_zh: 时点：年末、普查或抽样调查}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
  vintage: {type: text, description: 'only figures of this vintage (original, revised …); the latest when left out', description_zh: 只用该版次的数（如 original、revised）；不填用最新版}
chart: {type: stacked_bar, x: group_name, y: [urban_population, rural_population]}
publish: {threshold: 10, figures: population, counts: [population, urban_population, rural_population, unknown_population], sums: ["population = urban_population + rural_population + unknown_population"], rates: [urban_pct]}
tests:
  - {unique: [group_code]}
  - {on: sample, params: {year: 2018, basis: resident}, expect: {population: 273800, urban_population: 103200, rural_population: 170600, urban_pct: 37.69}}
*/
WITH published AS (
  SELECT region_code, reference, measure, value,
    row_number() OVER (PARTITION BY region_code, reference, measure ORDER BY CASE vintage WHEN 'revised' THEN 1 WHEN 'preliminary' THEN 3 ELSE 2 END, vintage DESC NULLS LAST, delivery_id DESC) AS newest
  FROM population_statistics
  WHERE $basis = 'resident'
    AND year = $year
    AND measure IN ('resident_population', 'urban_population', 'rural_population')
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
    max(value) FILTER (WHERE measure = 'resident_population') AS population,
    max(value) FILTER (WHERE measure = 'urban_population') AS urban,
    max(value) FILTER (WHERE measure = 'rural_population') AS rural
  FROM published
  WHERE newest = 1
  GROUP BY region_code, reference
),
resident AS (
  -- All figures of a place come from one reference: the first that has the urban population.
  SELECT *,
    row_number() OVER (
      PARTITION BY region_code
      ORDER BY CASE WHEN urban IS NULL THEN 1 ELSE 0 END, CASE reference WHEN 'year_end' THEN 1 WHEN 'census' THEN 2 ELSE 3 END
    ) AS preference
  FROM placed
),
registered AS (
  SELECT
    CASE
      WHEN $by = 'township' THEN coalesce(h.township_code, 'unknown')
      WHEN $by = 'sex' THEN coalesce(CAST(h.sex AS VARCHAR), 'unknown')
      WHEN $by = 'ethnicity' THEN coalesce(h.ethnicity, 'unknown')
      ELSE 'total'
    END AS group_code,
    r.is_urban
  FROM household_register h
  LEFT JOIN regions r ON r.region_code = h.region_code
  WHERE $basis = 'registered'
    AND coalesce(h.birth_year, 0) <= $year
    AND (h.registration_date IS NULL OR h.registration_date < make_date($year + 1, 1, 1))
    AND (coalesce(h.status, 'active') = 'active' OR h.cancel_date >= make_date($year + 1, 1, 1))
    AND ($region IS NULL OR starts_with(coalesce(h.region_code, h.township_code), $region))
),
counted AS (
  SELECT CASE WHEN $by = 'township' THEN region_code ELSE 'total' END AS group_code, 1 AS places, reference,
    coalesce(population, urban + rural) AS population, urban, coalesce(rural, population - urban) AS rural, CAST(0 AS DOUBLE) AS unknown
  FROM resident WHERE preference = 1
  UNION ALL
  SELECT group_code, 1, 'year_end',
    CAST(count(*) AS DOUBLE),
    CAST(count(*) FILTER (WHERE is_urban) AS DOUBLE),
    CAST(count(*) FILTER (WHERE NOT is_urban) AS DOUBLE),
    CAST(count(*) FILTER (WHERE is_urban IS NULL) AS DOUBLE)
  FROM registered GROUP BY group_code
  UNION ALL
  SELECT 'total', 0, NULL, NULL, NULL, NULL, NULL WHERE $by = 'none' OR ($basis = 'resident' AND $by <> 'township')
),
grouped AS (
  SELECT group_code, max(reference) AS reference,
    CASE WHEN count(population) = sum(places) THEN sum(population) END AS population,
    CASE WHEN count(urban) = sum(places) THEN sum(urban) END AS urban,
    CASE WHEN count(rural) = sum(places) THEN sum(rural) END AS rural,
    CASE WHEN count(unknown) = sum(places) THEN sum(unknown) END AS unknown
  FROM counted
  GROUP BY group_code
)
SELECT
  group_code,
  CASE
    WHEN group_code = 'total' THEN '合计'
    WHEN group_code = 'unknown' THEN '不详'
    WHEN $by = 'sex' THEN coalesce(code_name('sex', group_code), group_code)
    WHEN $by = 'ethnicity' THEN coalesce(code_name('ethnicity', group_code), group_code)
    ELSE coalesce(region_name(group_code), group_code)
  END AS group_name,
  reference,
  CAST(round(population) AS BIGINT) AS population,
  CAST(round(urban) AS BIGINT) AS urban_population,
  CAST(round(rural) AS BIGINT) AS rural_population,
  CAST(round(unknown) AS BIGINT) AS unknown_population,
  round_half_up(100.0 * urban / nullif(population - unknown, 0), 2) AS urban_pct,
  CASE
    WHEN $basis = 'resident' AND $by NOT IN ('none', 'township') THEN 'not_published_by_' || $by
    WHEN population IS NULL OR population = 0 THEN 'no_population'
    WHEN urban IS NULL THEN 'no_urban_population'
    WHEN population - unknown <= 0 THEN 'no_urban_rural_class'
  END AS reason
FROM grouped
ORDER BY group_code
