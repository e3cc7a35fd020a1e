import Domain
import Operations
import Store

/// A page of the desk: where it is and how it is read. Adding a page is adding an entry to `all`.
package struct DeskPage: Sendable {
    /// `/orders/{id}`: a part in braces is a value of the question.
    package let path: String
    /// Who may see it.
    package let right: Role.Right
    /// The names of the days, amounts and currencies that it reads and has a field for.
    let checked: [String]
    /// Reads and draws; nil where there is no such thing. One snapshot, no effect.
    package let read: @Sendable (DeskQuestion, any Transaction) throws -> PageBody?

    init(
        _ path: String, _ right: Role.Right = .read, days: [String] = [], narrowing fields: FilterForm.Fields? = nil,
        _ read: @escaping @Sendable (DeskQuestion, any Transaction) throws -> PageBody?
    ) {
        let checked = (fields?.names ?? []) + days
        (self.path, self.right, self.checked) = (path, right, checked)
        self.read = { asked, tx in
            let asked = asked.reading(checked), faults = asked.unreadable
            let posted = faults.isEmpty ? nil : PostedForm([], to: asked.path, from: asked.path, faults: faults)
            return try BooksCurrency.$own.withValue(asked.reader.currency) {
                try PostedForm.$drawn.withValue(posted) { try read(asked, tx) }
            }
        }
    }

    static let momentDays = ["as_of", "known_at"], statementDays = ["from"] + momentDays

    package static let all = people + customerForms + collecting + selling + money + books + house
}

extension DeskPage {
    private static let people: [DeskPage] = [
        DeskPage("/") { asked, tx in
            let today = try ReadToday(asked.entity, on: asked.reader.today).run(in: tx, ranks: ranks(asked, tx))
            let waits = (asked.reader.approvalCount ?? 0) > 0
            return TodayPage(
                today: today, reader: asked.reader,
                approvals: waits ? try ReadApprovals(asked.entity).waiting(limit: Today.limit, in: tx) : []
            ).body
        },
        DeskPage("/search") { asked, tx in
            let query = asked["q"] ?? ""
            let names = try asked.customerNames(in: tx)
            return SearchPage(query: query, found: try Search(asked.entity, query, among: names).run(in: tx)).body
        },
        DeskPage("/customers") { asked, tx in
            let sort = asked.sort() ?? ListSort(CustomerList.Order.name), prefix = asked["begins"] ?? ""
            let list = CustomerList(
                asked.entity, on: asked.reader.today, sort.order, reversed: sort.isReversed, prefix: prefix, after: asked.after,
                limit: asked.limit)
            let page = try list.page(in: tx, by: asked.ranking(of: list, in: tx))
            return CustomersPage(
                page: page, sort: sort, prefix: prefix,
                place: asked.place(sort: sort.text, keeping: ["begins"], next: page.next?.text), reader: asked.reader
            ).body
        },
        DeskPage("/customers/{number}", days: momentDays) { asked, tx in
            let past = asked.pastMoment, areAll = asked["messages"] == "all"
            let read = ReadCustomer(
                asked.moment, number: asked["number"] ?? "", isPast: past != nil,
                messageLimit: areAll ? CustomerView.allMessages : CustomerView.messageLimit)
            guard let customer = try read.run(in: tx) else { return nil }
            let habits = try CustomerHabits(asked.entity, customer: customer.profile.number, policy: asked.terms.policy, at: past).run(
                in: tx)
            let identities = try CustomerIdentities(asked.entity, customer: customer.profile.number, at: past).run(in: tx)
            return CustomerPage(
                customer: customer, habits: habits, identities: identities, on: asked.asOf, past: past, reader: asked.reader
            ).body
        },
        DeskPage("/customers/{number}/statement", days: statementDays) { asked, tx in
            let number = asked["number"] ?? "", from = asked["from"].flatMap { Day($0) }
            guard let customer = try ReadCustomer(asked.moment, number: number).run(in: tx) else { return nil }
            let table = try AccountStatementReport(asked.moment, customerNumber: number, from: from).table(in: tx)
            return StatementOfAccountPage(
                customer: customer, statement: table, terms: try StatementTerms(asked.moment, customer.id, in: tx), asOf: asked.asOf,
                knownAt: asked.knownAt, from: from,
                sentAt: try SendStatement.sentAt(asked.moment, customer.id, in: tx), reader: asked.reader
            ).body
        },
    ]

    private static let collecting: [DeskPage] = [
        DeskPage("/collections") { asked, tx in
            let sort = asked.sort() ?? ListSort(CollectionsWorklist.Order.overdue)
            let all = try ranks(asked, tx, sort)
            let (shown, next) = asked.rows(of: all.count) { "\(all[$0].customer.value) \(all[$0].overdue.currency)" }
            let worklist = CollectionsWorklist(asked.entity, on: asked.reader.today)
            let isCut = !asked.isExport && all.count == CollectionsWorklist.rankLimit
            let count = try isCut ? asked.kept("worklist's length", in: tx) { try worklist.count(in: tx) } : all.count
            return CollectionsPage(
                lines: try worklist.lines(of: all[shown], in: tx),
                place: asked.place(sort: sort.text, next: next),
                on: asked.reader.today, reader: asked.reader, beyond: count - all.count
            ).body
        },
        DeskPage("/collections/slices", days: momentDays) { asked, tx in
            let kind = asked["kind"].flatMap { Slice.Kind(rawValue: $0) }, past = asked.pastMoment
            let list = SliceList(asked.entity, on: asked.reader.today, kind, after: asked.after, limit: asked.limit, at: past)
            let page = try list.page(in: tx)
            return SlicesPage(
                page: page, kind: kind, sums: try list.sums(in: tx),
                place: asked.place(keeping: ["kind", "as_of", "known_at"], next: page.next?.text), on: asked.asOf, past: past,
                reader: asked.reader
            ).body
        },
        DeskPage("/mail") { asked, tx in
            let page = try OutboxList(asked.entity, .dead, after: asked.after, limit: asked.limit).page(in: tx)
            let outdated = try outdatedMail(asked.entity, page.rows.map(\.id.value), on: asked.reader.today, in: tx)
            return MailPage(page: page, outdated: outdated, place: asked.place(next: page.next?.text), reader: asked.reader).body
        },
        DeskPage("/collections/codes") { asked, tx in
            let page = try DeductionCodeList(asked.entity, after: asked.after, limit: asked.limit).page(in: tx)
            return DeductionCodesPage(page: page, place: asked.place(next: page.next?.text), reader: asked.reader).body
        },
    ]

    private static let selling: [DeskPage] = [
        DeskPage("/orders", narrowing: .orders) { asked, tx in
            let filter = asked["state"].flatMap { OrderList.Filter(rawValue: $0) } ?? .all, narrowed = asked.narrowed(by: .orders)
            let sort = asked.sort() ?? (filter == .held ? ListSort(OrderList.Order.amount) : nil)
            let list = OrderList(
                asked.entity, filter, sort?.order, reversed: sort?.isReversed ?? false, where: narrowed.filter, after: asked.after,
                limit: asked.limit)
            let page = try list.page(
                in: tx, by: asked.ranking(of: list, in: tx), among: asked.figures(of: .orders, for: narrowed.filter, in: tx))
            return OrdersPage(
                page: page, filter: filter, narrowed: narrowed,
                place: asked.place(sort: sort?.text, keeping: ["state"] + narrowed.fields.names, next: page.next?.text),
                reader: asked.reader
            ).body
        },
        DeskPage("/orders/{id}") { asked, tx in
            guard let id: ID<Order> = asked.id(), let view = try OrderView.read(asked.entity, id, in: tx) else { return nil }
            let waiting = try requests("/orders/decide", "order", String(id.value), asked.entity, in: tx)
            return OrderPage(view: view, reader: asked.reader, releasesAsked: waiting).body
        },
        DeskPage("/invoices", days: momentDays, narrowing: .documents) { asked, tx in
            let late = asked["late"].flatMap { DaysLate($0) }, narrowed = asked.narrowed(by: .documents)
            let filter = asked["state"].flatMap { DocumentList.Filter(rawValue: $0) } ?? (late == nil ? .all : .open),
                sort: ListSort<DocumentList.Order>? = asked.sort()
            let list = DocumentList(
                asked.entity, on: asked.reader.today, filter, sort?.order, reversed: sort?.isReversed ?? false,
                where: narrowed.filter, after: asked.after, limit: asked.limit, late: late,
                at: try late == nil ? asked.pastMoment : asked.figureMoment(in: tx))
            let then = try asked.rankingThen("documents", in: tx) { try list.rankingThen(in: tx) }
            let page = try list.page(
                in: tx, by: then ?? (list.needsRanking(in: tx) ? asked.ranking(of: list, in: tx) : nil),
                among: asked.documentFigures(filter, for: narrowed.filter, in: tx))
            return DocumentsPage(
                page: page, filter: filter, order: list.chosen, late: late, narrowed: narrowed,
                place: asked.place(
                    sort: ListSort(list.chosen, reversed: list.isReversed).text,
                    keeping: ["state", "late"] + narrowed.fields.names + DeskPage.momentDays, next: page.next?.text),
                on: asked.asOf, past: asked.pastMoment
            ).body
        },
        DeskPage("/invoices/{number}") { asked, tx in
            let today = asked.reader.today, number = asked["number"] ?? ""
            let lines = asked["lines"] == "all" ? DocumentView.allLines : DocumentView.lineLimit
            return try ReadDocument(asked.entity, number: number, on: today, lineLimit: lines).run(in: tx).map {
                let waiting = try requests("/invoices/{number}/write-off", "number", number, asked.entity, in: tx)
                return DocumentPage(view: $0, on: today, reader: asked.reader, writeOffsAsked: waiting).body
            }
        },
    ]

    private static let money: [DeskPage] = [
        DeskPage("/cash") { asked, tx in
            let filter = asked["state"].flatMap { CashQueue.Filter(rawValue: $0) } ?? .waiting, today = asked.reader.today
            let queue = CashQueue(asked.entity, on: today, filter, after: asked.after), page = try queue.page(in: tx)
            let wanted: ID<Receipt>? = asked.id("receipt")
            let receipt = try (wanted ?? page.rows.first?.receipt).flatMap { try ReadReceipt(asked.entity, $0).run(in: tx) }
            if wanted != nil, receipt == nil { return nil }
            return CashPage(
                queue: page, filter: filter,
                counts: try [CashQueue.Filter.waiting, .asked].map { try CashQueue(asked.entity, on: today, $0).count(in: tx) },
                receipt: receipt, after: asked["after"], reader: asked.reader
            ).body
        },
        DeskPage("/receipts", narrowing: .receipts) { asked, tx in
            let filter = asked["state"].flatMap { ReceiptList.Filter(rawValue: $0) } ?? .all, narrowed = asked.narrowed(by: .receipts)
            let sort: ListSort<ReceiptList.Order>? = asked.sort()
            let list = ReceiptList(
                asked.entity, filter, sort?.order, reversed: sort?.isReversed ?? false, where: narrowed.filter, after: asked.after,
                limit: asked.limit)
            let page = try list.page(
                in: tx, by: asked.ranking(of: list, in: tx), among: asked.receiptFigures(filter, for: narrowed.filter, in: tx))
            return ReceiptsPage(
                page: page, filter: filter, narrowed: narrowed,
                place: asked.place(sort: sort?.text, keeping: ["state"] + narrowed.fields.names, next: page.next?.text),
                reader: asked.reader
            ).body
        },
        DeskPage("/receipts/{id}") { asked, tx in
            guard let id: ID<Receipt> = asked.id(), let receipt = try ReadReceipt(asked.entity, id).run(in: tx) else { return nil }
            return ReceiptPage(receipt: receipt, reader: asked.reader).body
        },
        DeskPage("/statements", narrowing: .statements) { asked, tx in
            let narrowed = asked.narrowed(by: .statements)
            let page = try StatementList(asked.entity, on: narrowed.filter, after: asked.after, limit: asked.limit).page(in: tx)
            return StatementsPage(
                page: page, narrowed: narrowed, place: asked.place(keeping: narrowed.fields.names, next: page.next?.text),
                reader: asked.reader
            ).body
        },
        DeskPage("/statements/{id}") { asked, tx in
            guard let id = asked["id"].flatMap({ Int64($0) }),
                let view = try StatementView.read(asked.entity, id, after: asked.after, limit: asked.limit, in: tx)
            else { return nil }
            return StatementPage(view: view, place: asked.place(next: view.next?.text)).body
        },
        DeskPage("/import", .work) { asked, _ in ImportPage(outcome: nil, reader: asked.reader).body },
    ]

    private static let books: [DeskPage] = [
        DeskPage("/figures", days: momentDays) { asked, tx in
            let moment = asked.moment
            func count() throws -> (periods: [ReceivablesPeriod], aging: [AgingRow]) {
                let aging = try AgingReport(moment).totals(in: tx)
                // The kept sums tell of what is known now; an earlier knowledge is counted from the facts.
                guard moment.knownAt == nil else { return (try KeyFiguresReport(moment).periods(closing: aging, in: tx), aging) }
                return (try ReceivablesPeriod.current(asked.entity, on: moment.asOf, days: 90, closing: aging, in: tx), aging)
            }
            let all = try asked.kept("figures", at: asked.pastMoment, in: tx, count)
            return FiguresPage(
                periods: all.periods, aging: all.aging,
                history: try FigureHistory(asked.entity, through: moment.asOf).points(in: tx),
                asOf: moment.asOf, knownAt: moment.knownAt
            ).body
        },
        DeskPage("/figures/aging", days: momentDays) { asked, tx in
            let report = AgingReport(asked.moment), sort = asked.sort() ?? ListSort(AgingReport.Order.total)
            let what = "aging by \(sort.order.rawValue)"
            // Of one snapshot, however long they are kept: the totals are those of the rows.
            func count() throws -> (sums: [AgingReport.Sums], totals: [AgingRow], standing: [Currency: StandingSum]) {
                (try report.sums(by: sort.order, in: tx), try report.totals(in: tx), try report.standing(in: tx))
            }
            let all = try asked.kept(what, at: asked.pastMoment, in: tx, count)
            let sums = sort.isReversed ? all.sums.reversed() : all.sums
            let (shown, next) = asked.rows(of: sums.count) { "\(sums[$0].customer?.value ?? 0) \(sums[$0].row.currency)" }
            return AgingPage(
                totals: all.totals, lines: try report.lines(of: sums[shown], in: tx), shown: shown, lineCount: sums.count,
                standing: all.standing, asOf: asked.asOf, knownAt: asked.knownAt, past: asked.pastMoment,
                place: asked.place(sort: sort.text, keeping: DeskPage.momentDays, next: next)
            ).body
        },
        DeskPage("/figures/credits", days: momentDays) { asked, tx in
            let currency = asked["currency"].flatMap { Currency($0) }, today = asked.reader.today
            let
                list = CreditList(
                    asked.entity, on: today, in: currency, after: asked.after, limit: asked.limit, at: asked.pastMoment),
                page = try list.page(in: tx, by: asked.rankingThen("credits", in: tx) { try list.rankingThen(in: tx) })
            return CreditsPage(
                page: page, currency: currency, asOf: asked.asOf, knownAt: asked.knownAt, past: asked.pastMoment,
                place: asked.place(keeping: ["currency", "as_of", "known_at"], next: page.next?.text)
            ).body
        },
        DeskPage("/ledger", days: momentDays) { asked, tx in
            TrialBalancePage(
                lines: try TrialBalanceReport(asked.moment).lines(in: tx), asOf: asked.asOf, knownAt: asked.knownAt,
                place: asked.place(keeping: ["as_of", "known_at"])
            ).body
        },
        DeskPage("/ledger/journal", days: momentDays, narrowing: .entries) { asked, tx in
            let account = asked["account"], narrowed = asked.narrowed(by: .entries), moment = asked.pastMoment
            let page = try JournalList(
                asked.entity, where: narrowed.filter, after: asked.after, limit: asked.limit, account: account, at: moment
            ).page(in: tx, among: asked.figures(of: .entries, for: narrowed.filter, or: account != nil || moment != nil, in: tx))
            return JournalPage(
                page: page, account: account, narrowed: narrowed, on: asked.asOf, past: moment,
                place: asked.place(keeping: ["account"] + narrowed.fields.names + DeskPage.momentDays, next: page.next?.text)
            ).body
        },
        DeskPage("/ledger/proof") { asked, tx in
            ProofPage(proof: try ProofView.read(asked.entity, in: tx), check: nil, reader: asked.reader).body
        },
        DeskPage("/ledger/periods", days: momentDays) { asked, tx in
            PeriodPage(
                periods: try PeriodList(asked.moment).run(in: tx), asOf: asked.asOf, knownAt: asked.knownAt,
                place: asked.place(keeping: ["as_of", "known_at"]), reader: asked.reader
            ).body
        },
        DeskPage("/runs") { asked, tx in
            let page = try RunList(asked.entity, after: asked.after, limit: asked.limit).page(in: tx)
            return RunsPage(page: page, place: asked.place(next: page.next?.text), now: asked.clock(), reader: asked.reader).body
        },
        DeskPage("/runs/{id}") { asked, tx in
            guard let id = asked["id"].flatMap({ Int64($0) }), let view = try RunView.read(asked.entity, id, in: tx) else { return nil }
            return RunPage(view: view, now: asked.clock(), reader: asked.reader).body
        },
        DeskPage("/settings") { asked, tx in
            SettingsPage(
                facts: try ReadSettings(asked.entity).run(in: tx).map { (name: $0.name, value: $0.value) },
                rules: CashRules(asked.terms.policy, toleranceMinor: asked.terms.toleranceMinor), reader: asked.reader
            ).body
        },
    ]
}

private func ranks(
    _ asked: DeskQuestion, _ tx: any Transaction, _ sort: ListSort<CollectionsWorklist.Order> = ListSort(.overdue)
) throws -> [CollectionsWorklist.Rank] {
    try asked.kept("worklist by \(sort.text)", in: tx) {
        try CollectionsWorklist(asked.entity, on: asked.reader.today).ranks(
            sort.order, reversed: sort.isReversed, limit: asked.isExport ? .max : CollectionsWorklist.rankLimit, in: tx)
    }
}
