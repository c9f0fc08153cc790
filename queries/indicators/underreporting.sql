/*
title: Under-reporting of births
title_zh: 出生漏报率
description: Births missing from both certificates and household register, estimated from how the two lists overlap
description_zh: 根据出生医学证明与户籍登记两个名单的重合情况，估计两者都遗漏的出生
owner: health
tags: [indicator, births, quality]
unit: births
unit_zh: 人
definition: >-
  Two-list estimate of Chapman (1951), N = (n1+1)(n2+1)/(m+1) - 1, with n1 births with a certificate,
  n2 births in the household register, m births in both, and the variance
  (n1+1)(n2+1)(n1-m)(n2-m)/((m+1)²(m+2)); interval N ± 1.96 standard errors, not below the births seen.
  Under-reporting of a list = 1 - births on it / N × 100. Only births inside the scope of both lists
  count - not those of non-resident mothers, outside the period, moved in or not yet due. The estimate
  supposes that the lists are independent. A certificate is asked for at registration, so they are not, and the
  estimate is a lower bound. Fewer than 7 births in both give no estimate. Source - Chandrasekar and Deming (1949);
  Seber, The Estimation of Animal Abundance (1982).
definition_zh: >-
  Chapman（1951）双名单估计：N＝(n1+1)(n2+1)/(m+1)−1，n1 为有出生医学证明的出生，n2 为有户籍登记的出生，m 为两者都有的出生；方差为 (n1+1)(n2+1)(n1−m)(n2−m)/((m+1)²(m+2))；区间为 N±1.96 个标准误，不低于已见到的出生。某名单的漏报率＝1−该名单的出生 / N × 100。只计两个名单都应登记的出生，不含母亲非本地常住、不在时期内、迁入和尚未到期的出生。该估计假定两个名单相互独立；落户时要出示出生医学证明，两者并不独立，因此估计值是下限。两者都有的出生不足7人时不作估计。来源：Chandrasekar 与 Deming（1949）；Seber《The Estimation of Animal Abundance》（1982）。
params:
  year: {type: year, default: latest_complete_year, description: calendar year of birth, description_zh: 出生年份}
  by: {type: choice, default: none, choices: [none, township, month, sex], description: one row per what, description_zh: 按什么分组，每组一行}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 行政区划代码或其开头几位；省略时为全县（旗）}
chart: {type: bar, x: group_name, y: [certificates_missed_pct, household_missed_pct]}
publish: {threshold: 10, counts: [certificates, household, in_both, births_seen], sums: ["births_seen = certificates + household - in_both"], rates: [births_estimated, births_low, births_high, missed_by_both, certificates_missed_pct, household_missed_pct]}
tests:
  - {unique: [group_code]}
*/
WITH lists AS (
  SELECT
    CASE
      WHEN $by = 'township' THEN coalesce(township_code, 'unknown')
      WHEN $by = 'month' THEN concat($year, '-', lpad(CAST(extract(month FROM birth_date) AS VARCHAR), 2, '0'))
      WHEN $by = 'sex' THEN coalesce(CAST(sex AS VARCHAR), 'unknown')
      ELSE 'total'
    END AS group_code,
    in_birth_certificates AS on_first,
    in_household_register AS on_second
  FROM births
  WHERE birth_year = $year
    AND (in_birth_certificates OR in_household_register)
    AND coalesce(gap_reason, '') NOT IN ('non_resident_mother', 'outside_period', 'moved_in', 'not_yet_due')
    AND ($region IS NULL OR starts_with(township_code, $region))
),
counted AS (
  SELECT group_code,
    CAST(count(*) FILTER (WHERE on_first) AS DOUBLE) AS n1,
    CAST(count(*) FILTER (WHERE on_second) AS DOUBLE) AS n2,
    CAST(count(*) FILTER (WHERE on_first AND on_second) AS DOUBLE) AS m
  FROM lists
  GROUP BY group_code
  UNION ALL
  SELECT 'total', 0, 0, 0 WHERE $by = 'none' AND (SELECT count(*) FROM lists) = 0
),
estimated AS (
  SELECT *,
    n1 + n2 - m AS seen,
    CASE WHEN m >= 7 THEN (n1 + 1) * (n2 + 1) / (m + 1) - 1 END AS births,
    CASE WHEN m >= 7 THEN sqrt((n1 + 1) * (n2 + 1) * (n1 - m) * (n2 - m) / ((m + 1) * (m + 1) * (m + 2))) END AS error
  FROM counted
)
SELECT
  group_code,
  CASE
    WHEN group_code = 'total' THEN '合计'
    WHEN group_code = 'unknown' THEN '不详'
    WHEN $by = 'township' THEN coalesce(region_name(group_code), group_code)
    WHEN $by = 'sex' THEN coalesce(code_name('sex', group_code), group_code)
    ELSE group_code
  END AS group_name,
  CAST(n1 AS BIGINT) AS certificates,
  CAST(n2 AS BIGINT) AS household,
  CAST(m AS BIGINT) AS in_both,
  CAST(seen AS BIGINT) AS births_seen,
  round_half_up(births, 1) AS births_estimated,
  round_half_up(greatest(births - 1.96 * error, seen), 1) AS births_low,
  round_half_up(births + 1.96 * error, 1) AS births_high,
  round_half_up(greatest(births - seen, 0), 1) AS missed_by_both,
  round_half_up(100.0 * (1 - n1 / nullif(births, 0)), 2) AS certificates_missed_pct,
  round_half_up(100.0 * (1 - n2 / nullif(births, 0)), 2) AS household_missed_pct,
  CASE
    WHEN n1 + n2 = 0 AND (SELECT count(*) FROM births) = 0 THEN 'not_linked'
    WHEN n1 + n2 = 0 THEN 'no_births'
    WHEN m < 7 THEN 'too_few_in_both'
  END AS reason
FROM estimated
ORDER BY group_code
