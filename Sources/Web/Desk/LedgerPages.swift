import Domain
import Operations

func ledgerTabs(_ here: String) -> HTML {
    tabs(
        "Ledger",
        [("Trial balance", "/ledger"), ("Journal", "/ledger/journal"), ("Proof", "/ledger/proof"), ("Periods", "/ledger/periods")].map {
            ($0.0, $0.1, $0.1 == here)
        })
}

/// `/ledger`: debits, credits and balance of every account.
struct TrialBalancePage: Sendable {
    let lines: [TrialBalanceReport.Line]
    let asOf: Day
    let knownAt: Instant?
    let place: ListLink

    var body: PageBody {
        var table = DataTable(
            "Trial balance",
            [
                .text("Account"), .text("Name"), .text("Currency"), .number("Debit"), .number("Credit"),
                .number("Balance"),
            ])
        table.rows = lines.map {
            [
                .link($0.account, to: journal(of: $0.account, $0.debit.currency)), .text($0.name), .text($0.debit.currency.code),
                .money($0.debit), .money($0.credit), .money($0.balance),
            ]
        }
        let currencies = Set(lines.map(\.debit.currency)).sorted { $0.code < $1.code }
        table.totals = currencies.map { currency in
            let own = lines.filter { $0.debit.currency == currency }
            return [
                .text("Total"), .none, .text(currency.code), .money(own.map(\.debit).total(in: currency)),
                .money(own.map(\.credit).total(in: currency)), .money(own.map(\.balance).total(in: currency)),
            ]
        }
        table.empty = Empty("Nothing is booked", "The ledger begins with the first invoice or receipt.")
        table.place = place
        var body = PageBody(
            "Ledger",
            """
            \(ledgerTabs("/ledger"))<div class="stack">\(moment("/ledger", asOf: asOf, knownAt: knownAt))<div class="list-frame">\
            \(table.html)</div></div>
            """
        )
        body.table = table
        return body
    }

    private func journal(of account: String, _ currency: Currency) -> String {
        Link("/ledger/journal", ["account": account, "currency": currency.code, "as_of": asOf.iso8601, "known_at": knownAt?.iso8601]).text
    }
}

/// `/ledger/journal`: entries in the order of their recording, the latest first.
struct JournalPage: Sendable {
    let page: ListPage<JournalList.Entry>
    /// The only account shown; nil shows all.
    let account: String?
    var narrowed = FilterForm(.entries)
    let on: Day
    /// nil when it tells of everything.
    let past: ReportMoment?
    let place: ListLink

    var body: PageBody {
        var table = DataTable(
            "Journal",
            [
                .text("Entry"), .text("Day"), .exported("Number"), .exported("Document"),
                .text("Account", second: "Account number"),
                .text("Customer"), .number("Debit"), .number("Credit"),
            ]
        )
        for entry in page.rows {
            for (at, posting) in entry.postings.enumerated() {
                let isDebit = posting.amount.minor > 0
                table.rows.append([
                    at == 0 ? .lines(words(entry.kind), entry.name, to: documentOf(entry)) : .none, at == 0 ? .day(entry.on) : .none,
                    .text(String(entry.id)), .text(entry.name),
                    .lines(posting.accountName, posting.account, to: nil),
                    posting.customerNumber.map { .link($0, to: customerPath($0)) } ?? .none,
                    isDebit ? .money(posting.amount) : .none, isDebit ? .none : .money(-posting.amount),
                ])
            }
        }
        table.empty =
            account == nil && !narrowed.isNarrowed && past == nil
            ? Empty("Nothing is booked", "The journal begins with the first invoice or receipt.")
            : Empty("Nothing is booked", "No entry is as asked for.")
        table.place = place
        var body = PageBody(
            "Journal",
            """
            \(ledgerTabs("/ledger/journal"))<div class="stack">\(narrowed.html(place))\(momentAsked)<div class="list-frame">\
            \(table.html)</div></div>
            """)
        body.crumbs = [("Ledger", "/ledger")]
        let currency = narrowed.filter.currency
        if account != nil || currency != nil {
            let name = page.rows.lazy.flatMap(\.postings).first { $0.account == account }?.accountName
            let shown = [account.map { "account \($0)" }, name, currency?.code].compactMap { $0 }.joined(separator: ", ")
            body.aside = "<span class=\"muted\">of \(shown)</span>"
            body.actions = "<a class=\"button\" href=\"/ledger/journal\">\(account == nil ? "All currencies" : "All accounts")</a>"
        }
        body.table = table
        return body
    }

    private var momentAsked: HTML {
        guard past != nil || isMomentUnreadable else { return printedMoment(asOf: on) }
        let kept = place.filters.filter { !DeskPage.momentDays.contains($0.name) }
        return moment("/ledger/journal", asOf: on, knownAt: past?.knownAt, keeping: kept)
    }

    private func documentOf(_ entry: JournalList.Entry) -> String? {
        entry.receipt.map { "/receipts/\($0.value)" } ?? documentPath(kind: entry.kind, entry.memo)
    }
}

/// `/ledger/proof`: that debits equal credits and the control accounts equal the open items; recounted on request.
struct ProofPage: Sendable {
    let proof: ProofView
    /// Of a recount just made; nil before one is asked for.
    let check: CheckBooks.Report?
    let reader: DeskReader

    var body: PageBody {
        var table = DataTable(
            "Proof by currency",
            [.text("Currency"), .number("Debits"), .number("Credits"), .number("Control accounts"), .number("Open items"), .text("State")])
        table.rows = proof.lines.map { line in
            let holds = line.debits == line.credits && line.control == line.openItems
            return [
                .text(line.debits.currency.code), .money(line.debits), .money(line.credits), .money(line.control), .money(line.openItems),
                .badge(holds ? Badge("Equal", .good) : Badge("Differs", .bad)),
            ]
        }
        table.empty = Empty("Nothing to prove yet", "No fact was recorded.")
        var body = PageBody(
            "Proof",
            """
            \(ledgerTabs("/ledger/proof"))<div class="stack">\(result)<div class="list-frame">\(table.html)</div>
            \(panel("Chain of seals", """
                \(facts([
                    ("Seals", "\(grouped(proof.sealCount))"), ("Last seal", proof.sealedAt.html), ("Head, SHA-256", "<code>\(proof.head)</code>"),
                ]))
                <p class="muted">Each commit seals the rows it wrote and the seal before it, so that a row changed afterwards shows.</p>
                """ as HTML))</div>
            """)
        body.crumbs = [("Ledger", "/ledger")]
        guard reader.may(.control) else { return body }
        body.actions = Form("/ledger/proof", reader, button("Recount everything", key: "p", class: "main")).html
        return body
    }

    private var result: HTML {
        guard let check else { return "" }
        guard !check.faults.isEmpty else {
            return
                """
                <p class="notice good" role="status"><b>Proven.</b> \(counted(check.sealCount, "seal")), \
                every entry and every kept sum recounted from the facts.</p>
                """
        }
        let word: HTML = "<p class=\"notice bad\" role=\"alert\"><b>Not proven.</b> \(counted(check.faults.count, "fault")).</p>"
        return word + panel("Faults", FindingList("Faults", "Fault", check.faults).html)
    }
}
