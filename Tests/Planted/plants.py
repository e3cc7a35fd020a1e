"""The bugs of docs/lessons.md, as changes to the sources: each is active where the environment variable FLORIN_PLANTED gives its report."""
from dataclasses import dataclass

MATCHING = "Sources/Domain/Receivables/Matching/"
RECEIVABLES = "Sources/Operations/Receivables/"
LEDGER = "Sources/Operations/Ledger/"


@dataclass(frozen=True)
class Plant:
    report: str
    # Names of tests or suites; each of them must be red while the bug is there.
    tests: list[str]
    # File, what stands there once, and what stands there instead; PLANTED is true while the bug is active.
    edits: list[tuple[str, str, str]]


def at(file, found, instead):
    return [(file, found, instead)]


PLANTS = [
    Plant(
        "frappe/erpnext#54980", ["wish1OneCreditOverSeveralInvoices"],
        at(MATCHING + "ByReference.swift",
           "if !credits.isEmpty, total + credits.reduce(0, { $0 + $1.item.open.minor }) == cash.minor {",
           """let drifting = (open + credits).reduce(0.0) { $0 + Double($1.item.open.minor) / 100 }
        if PLANTED, drifting != Double(cash.minor) / 100 { return nil }
        if !credits.isEmpty, total + credits.reduce(0, { $0 + $1.item.open.minor }) == cash.minor {""")),
    Plant(
        "frappe/erpnext#33462", ["wish2ACreditRunsOut"],
        at(RECEIVABLES + "Candidates.swift", "open: row.money(4, currency), discount: discount)",
           "open: PLANTED && amount.minor < 0 ? amount : row.money(4, currency), discount: discount)")),
    Plant(
        "frappe/erpnext#46725", ["wish3DifferentNumbersAreNeverPaired"],
        at(MATCHING + "ByPayer.swift", "guard unread.isEmpty else {", "guard unread.isEmpty || PLANTED else {")),
    Plant(
        "frappe/erpnext#54823: duplicates", ["wish4ManyLinesOneInvoiceOneLineManyInvoices"],
        at(RECEIVABLES + "ImportStatement.swift", "_ = try books.receive(receipt)",
           """_ = try books.receive(receipt)
                if PLANTED, receipt.remittance.split(separator: " ").count > 1 {
                    var twin = receipt
                    twin.externalID += "/2"
                    _ = try books.receive(twin)
                }""")),
    Plant(
        "frappe/erpnext#54823: priority", ["wish4ThePriorityIsTheHousesToSet"],
        at(RECEIVABLES + "ApplyReceipts.swift", "(entity, day, after, toleranceMinor, policy)",
           "(entity, day, after, toleranceMinor, PLANTED ? .standard : policy)")),
    Plant(
        "frappe/erpnext#34477: accounts", ["aLearnedAccountIsUsedNextTime"],
        at(RECEIVABLES + "PayerLearning.swift", "guard !receipt.isIdentified,", "guard !PLANTED, !receipt.isIdentified,")),
    Plant(
        "frappe/erpnext#34477: names", ["theNameIsEnoughToKnowThePayer"],
        at(RECEIVABLES + "Candidates.swift", "index.add(evidence, row.text(1), row.id(2))",
           "if !PLANTED || evidence != .name { index.add(evidence, row.text(1), row.id(2)) }")),
    Plant(
        "frappe/erpnext#34477: habits", ["HabitTests"],
        at(RECEIVABLES + "Candidates.swift", "index.add(habit, strength, customer) }", "if !PLANTED { index.add(habit, strength, customer) } }")),
    Plant(
        "frappe/erpnext#48774", ["wish6AThousandAndMoreAtOnce"],
        at(RECEIVABLES + "ApplyReceipts.swift", "report.through = receipts.count == Self.receiptLimit ?",
           "report.through = !PLANTED && receipts.count == Self.receiptLimit ?")),
    Plant(
        "frappe/erpnext#49744", ["theOnlyItemOfThatAmount", "twoItemsOfThatAmount"],
        at(MATCHING + "ByPayer.swift", "func byPayer() -> MatchDecision {",
           """func byPayer() -> MatchDecision {
        if PLANTED { return .ask(reason: "no reference found", candidates: []) }""")),
    Plant(
        "frappe/erpnext#43272", ["cashBeforeItsInvoiceIsTriedAgainToo"],
        at(RECEIVABLES + "ApplyReceipts.swift", "if after == 0, only == nil {", "if !PLANTED, after == 0, only == nil {")),
    Plant(
        "OCA/account-reconcile#169", ["wish9TheToleranceIsOfTheResidualOnce"],
        at(MATCHING + "Tolerances.swift", "guard named.allSatisfy({ $0.item.open == $0.amount }),",
           "guard PLANTED || named.allSatisfy({ $0.item.open == $0.amount }),")),
    Plant(
        "OCA/account-reconcile#500", ["wish10NineHundredNinetySettlesAThousand"],
        at(MATCHING + "Tolerances.swift", "ToleranceLimit(kind: .bankCharge, minor: toleranceMinor,",
           "ToleranceLimit(kind: .bankCharge, minor: PLANTED ? 0 : toleranceMinor,")),
    Plant(
        "OCA/account-reconcile#711", ["wish11ADifferenceHasItsCounterpart"],
        at(RECEIVABLES + "CashDesk.swift", "case .bankCharge: .bankFees", "case .bankCharge: PLANTED ? .bankClearing : .bankFees")),
    Plant(
        "odoo/odoo#20429", ["wish12APartPaymentAndTheDiscount"],
        at(MATCHING + "Decide.swift", "guard let discount = item.discount,",
           "guard !PLANTED || named.allSatisfy({ $0.item.open == $0.amount }), let discount = item.discount,")),
    Plant(
        "odoo/odoo#64409", ["wish13AReferenceDoesNotBypassTheAmount"],
        at(MATCHING + "ByReference.swift",
           "let sum = Money(minor: total, cash.currency).readable",
           """let sum = Money(minor: total, cash.currency).readable
        if PLANTED, total > cash.minor, let last = open.last {
            let fee = Match.Adjustment(.bankCharge, itemID: last.item.id, amount: Money(minor: total - cash.minor, cash.currency))
            return proposal(customer, .referenceTolerance, whole, adjustments: [fee], "by its label")
        }""")),
    Plant(
        "odoo/odoo#149603", ["wish14TheLimitIsExact"],
        at(MATCHING + "Tolerances.swift", "let within = limits.filter { $0.holds(short.minor, of: total) }",
           """let whole = Double(total), percent = 100 * (1 - Double(cash.minor) / whole)
        let within = limits.filter { PLANTED ? percent <= Double($0.minor) * 100 / whole : $0.holds(short.minor, of: total) }""")),
    Plant(
        "odoo/odoo#61584", ["theOnlyItemOfThatAmount", "allThatThePayerOwes", "StrictPolicyTests"],
        at(MATCHING + "ByPayer.swift", "if equal.count < 2, let unique = bySum(payer, own) { return unique }",
           "if !PLANTED, equal.count < 2, let unique = bySum(payer, own) { return unique }")),
    Plant(
        "killbill/killbill#2051: payments", ["MatchingRuleTests"],
        at(MATCHING + "ByReference.swift", "if total < cash.minor { return over(customer, open, by: cash.minor - total) }",
           """if PLANTED { return ask(self, "an invoice is paid in full by one payment") }
        if total < cash.minor { return over(customer, open, by: cash.minor - total) }""")),
    Plant(
        "killbill/killbill#2051: money on account", ["AccountCashTests"],
        at(RECEIVABLES + "ApplyFromAccount.swift", "guard !view.applications.isEmpty,", "guard !PLANTED, !view.applications.isEmpty,")),
    Plant(
        "killbill/killbill#362", ["wish17CreditIsUsedAndTheBalanceIsRight"],
        at(RECEIVABLES + "ApplyFromAccount.swift", "for line in settled {", "for line in settled where !PLANTED {")),
    Plant(
        "juspay/hyperswitch#13182", ["incident8MoneyIsUsedNoMoreThanItIs"],
        at(RECEIVABLES + "ApplyFromAccount.swift", "by: credit, candidates.index)",
           "by: PLANTED ? applied.amount : credit, candidates.index)")),
    Plant(
        "OCA/account-payment#471", ["wish43ReturnedDebitsReopenTheirInvoices"],
        at(RECEIVABLES + "Returns.swift", "guard found.count == 1 else { return false }",
           "guard !PLANTED, found.count == 1 else { return false }")),
    Plant(
        "getlago/lago#325", ["wish26APriceKeepsItsDecimals"],
        at("Sources/Operations/Orders/GoodsLine.swift", "priceMicro = row.integer(column + 3)",
           "priceMicro = PLANTED ? row.integer(column + 3) / 1_000_000 * 1_000_000 : row.integer(column + 3)")),
    Plant(
        "ledgersmb/LedgerSMB#1290", ["wish17And22AnUnusedOverpaymentIsSeen"],
        at("Sources/Operations/Insight/AgingReport.swift", "total.add(credits: row.money(4, currency)",
           "total.add(credits: PLANTED ? .zero(currency) : row.money(4, currency)")),
    Plant(
        "killbill/killbill-adyen-plugin#77", ["aReturnReopensTheInvoice", "dividedCashComesTogetherAgain"],
        at(RECEIVABLES + "Returns.swift", "try receipt.reopen(on: day, rule: rule, &books)",
           "if PLANTED { return try books.clear(returned.amount, memo: receipt.number, on: day) }\n"
           "        try receipt.reopen(on: day, rule: rule, &books)")
        + at(RECEIVABLES + "ImportStatement.swift", "fileprivate mutating func clear(_ amount: Money,", "mutating func clear(_ amount: Money,")),
    Plant(
        "microsoft/ALAppExtensions#220", ["whatWaitsIsTriedAgain"],
        at(RECEIVABLES + "ApplyReceipts.swift", "AND i.open_minor <> 0 AND i.id > $2 ORDER BY i.id LIMIT $3\"",
           "AND i.open_minor <> 0 AND i.id > $2\" + (PLANTED ? \" AND i.id NOT IN (SELECT receipt_id FROM cash_queue)\" : \"\")\n"
           "                    + \" ORDER BY i.id LIMIT $3\"")),
    Plant(
        "metasfresh/metasfresh#20032", ["AdviceMatchingTests"],
        at(MATCHING + "ByAdvice.swift", "paid[item.id, default: 0] += payment(entry)",
           "paid[item.id, default: 0] += PLANTED ? item.open.minor : payment(entry)")),
    Plant(
        "invoiceninja/invoiceninja#9962", ["MatchingRuleTests"],
        at(RECEIVABLES + "Candidates.swift", "ReferenceKeys(structured: structured, remittance: remittance,",
           "ReferenceKeys(structured: structured, remittance: PLANTED ? \"\" : remittance,")),
    Plant(
        "OCA/account-invoicing#1882", ["InvoicePropertyTests"],
        at("Sources/Domain/Billing/DocumentTotals.swift", "tax = breakdown.map(\\.tax).total(in: currency)",
           """let rounded = lines.map { $0.net.times(Rate(basisPoints: $0.treatment.basisPoints), .halfAwayFromZero) }
        tax = (PLANTED ? rounded : breakdown.map(\\.tax)).total(in: currency)""")),
    Plant(
        "frappe/erpnext#42523", ["aRandomDiaryProves"],
        at(LEDGER + "KeptSums.swift", "settled += [.integer(change.minor), .null, .integer(item.id)]",
           """let drifting = Int64(Double(change.minor) / 100 * 100)
            settled += [.integer(PLANTED ? drifting : change.minor), .null, .integer(item.id)]""")),
    Plant(
        "getlago/lago-api#643", ["incident20YenAndDinar"],
        at(RECEIVABLES + "Candidates.swift",
           "matchCase.toleranceMinor = toleranceMinor * powerOfTen(matchCase.cash.currency.exponent) / 100",
           "matchCase.toleranceMinor = PLANTED ? toleranceMinor : toleranceMinor * powerOfTen(matchCase.cash.currency.exponent) / 100")),
    Plant(
        "shopperlabs/shopper#510", ["racingOrdersNeverPassTheLimit"],
        at("Sources/Operations/Orders/PlaceOrders.swift", "        return exposures\n",
           """        if PLANTED { return stale.withLock { $0.merge(exposures) { before, _ in before }; return $0 } }
        return exposures
""")
        + at("Sources/Operations/Orders/PlaceOrders.swift", "import Store\n",
             "import Store\nimport Synchronization\n\nprivate let stale = Mutex<[ID<Customer>: CreditExposure]>([:])\n")),
    Plant(
        "OCA/bank-statement-import#499", ["overlappingStatementsBookEachEntryOnce"],
        at(RECEIVABLES + "ImportStatement.swift", "(self.entity, self.summary, self.entries) = (entity, summary, entries)",
           """let ofStatement = entries.map { KeyedEntry(entry: $0.entry, key: "\\($0.key)-\\(summary.header.id)") }
        (self.entity, self.summary, self.entries) = (entity, summary, PLANTED ? ofStatement : entries)""")),
    Plant(
        "OCA/bank-statement-import#83", ["aReusedStatementIDIsAnotherStatement"],
        at(RECEIVABLES + "ImportStatement.swift", "let statement = try statementID(&books, tx)",
           """let again: SQL = "SELECT 1 FROM statement WHERE entity_id = \\(entity) AND statement_id = \\(summary.header.id)"
        if PLANTED, try tx.first(again, { $0.integer(0) }) != nil { return report }
        let statement = try statementID(&books, tx)""")),
    Plant(
        "OCA/bank-statement-import#475", ["twoIdenticalEntriesAreTwo"],
        at(RECEIVABLES + "EntryKeys.swift", "return KeyedEntry(entry: entry, key: entryKey(digest, place))",
           "return KeyedEntry(entry: entry, key: entryKey(digest, PLANTED ? 1 : place))")),
    Plant(
        "frappe/erpnext#22214", ["incident31AHundredThousandTimesBackAndForth"],
        at(LEDGER + "KeptSums.swift", "item.open = item.open + change\n",
           """let drifting = Double(item.open.minor) / 100 + Double(change.minor) / 100
        item.open = PLANTED ? Money(minor: Int64(drifting * 100), change.currency) : item.open + change
""")),
    Plant(
        "frappe/erpnext#37888", ["racingOrdersNeverPassTheLimit", "aHeldOrderIsReleasedWithRoleAndReasonAndThenBilled"],
        at("Sources/Domain/Orders/CreditCheck.swift", "guard sum > limit else {", "guard !PLANTED, sum > limit else {")),
    Plant(
        "frappe/erpnext#52960", ["aLateCustomersOrdersWaitUntilItPays"],
        at("Sources/Domain/Orders/OverdueHold.swift", "guard sum.minor >= minor,", "guard !PLANTED, sum.minor >= minor,")),
    Plant(
        "frappe/erpnext#49262", ["agingIsTheControlAccountForEveryDayAndKnowledge"],
        at("Sources/Operations/Insight/AgingReport.swift", "AND a.effective_on <= \\(day) AND a.id <= \\(known)), 0)",
           "\\(PLANTED ? \"\" : \"AND a.effective_on <= \\(day)\") AND a.id <= \\(known)), 0)")),
    Plant(
        "getlago/lago: paid on exact equality alone", ["anOverPaymentLeavesCredit"],
        at(MATCHING + "ByReference.swift", "let whole = open.map { Match.Line(itemID: $0.item.id, amount: $0.item.open) }, rest = Money(",
           """if PLANTED { return ask(self, "the amounts differ") }
        let whole = open.map { Match.Line(itemID: $0.item.id, amount: $0.item.open) }, rest = Money(""")),
]
