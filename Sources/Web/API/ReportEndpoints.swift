import Domain
import Operations
import Store

extension Endpoint {
    private static let posting = Schema.object([
        .init("account", .text()), .init("account_name", .text()), .init("customer_number", .optional(.text())), .init("amount", .money),
    ])
    private static let entry = Schema.object([
        .init("id", .text()), .init("on", .day), .init("kind", .text()), .init("memo", .text(max: 1000)),
        .init("reverses", .optional(.text())),
        .init("postings", .array(posting, max: 100)),
    ])

    private static let ofThatDay = Moment.told("the report of that day as it was known then")

    /// Of what is overdue, whose columns go by the buckets that are asked for.
    private static let bucketNames = ["days_", "over_"]
    private static let agedColumns = AgingReport.columns().filter { column in
        !bucketNames.contains { column.name.hasPrefix($0) }
    }

    static let reports: [Endpoint] = [
        Endpoint(
            report: "/v1/reports/aging", "What each customer owes, by days overdue",
            query: [.init("buckets", .buckets, "the last day overdue of each bucket, ascending from 0; `0,30,60,90` when left out")],
            at: ofThatDay, columns: agedColumns, beginning: bucketNames
        ) { asked, tx in
            guard let bounds = asked.query["buckets"] else { return try AgingReport(asked.moment).table(in: tx) }
            guard let buckets = AgingBuckets(bounds.split(separator: ",").map { Int($0) ?? -1 }) else { throw APIRefusal.unsortedBuckets }
            return try AgingReport(asked.moment, buckets: buckets).table(in: tx)
        },
        Endpoint(
            report: "/v1/reports/trial-balance", "Every account's debits, credits and balance", at: ofThatDay,
            columns: TrialBalanceReport.columns
        ) { try TrialBalanceReport($0.moment).table(in: $1) },
        Endpoint(
            report: "/v1/reports/key-figures", "DSO, BPDSO, ADD and CEI with their definitions",
            query: [.init("days", .integer(1...3_650), "length of the period that ends on that day; 90 when left out")], at: ofThatDay,
            columns: KeyFiguresReport.columns
        ) { asked, tx in
            try KeyFiguresReport(asked.moment, days: asked.query["days"].flatMap { Int($0) } ?? 90).table(in: tx)
        },
        Endpoint(
            report: "/v1/reports/open-items", "Every open item",
            query: [.customer], at: ofThatDay, columns: OpenItemsReport.columns
        ) { try OpenItemsReport($0.moment, customerNumber: $0.query["customer_number"]).table(in: $1) },
        Endpoint(
            report: "/v1/reports/cash-rules", "The rules by which cash is applied; the first that fits decides",
            at: .told("the rules by which cash was applied last by then; without rows where none are on record"), columns: CashRules.columns
        ) { asked, tx in
            if let moment = asked.askedMoment { return try CashRules.table(at: moment, in: tx) }
            return CashRules(asked.terms.policy, toleranceMinor: asked.terms.toleranceMinor).table
        },
        Endpoint(
            report: "/v1/customers/{number}/statement", "A customer's statement of account",
            query: [.init("from", .day, "the first day shown; the beginning when left out")],
            at: .told("the account through that day as it was known then; the name as it is now"),
            columns: AccountStatementReport.columns
        ) { asked, tx in
            let number = asked.path["number"] ?? "", from = asked.query["from"].flatMap { Day($0) }
            guard try ReadCustomer(asked.moment, number: number).run(in: tx) != nil else { return nil }
            return try AccountStatementReport(asked.moment, customerNumber: number, from: from).table(in: tx)
        },
        Endpoint(
            get: "/v1/journal", "Journal entries, newest first",
            query: [.init("account", .word(max: 20), "only entries that touch this account, whole"), .customer]
                + .days("day") + .amounts("a posting, a credit below zero,") + [.after, .limit],
            at: .told("entries of that day or before that were recorded by then"), answer: .page(entry)
        ) { asked, tx in
            try JournalList(
                asked.entity, where: asked.filter, after: asked.after, limit: asked.limit, account: asked.query["account"],
                at: asked.askedMoment
            ).page(in: tx).json(json)
        },
        Endpoint(
            get: "/v1/journal/{id}", "One journal entry", id: "jrn",
            at: .told("an entry of that day or before that was recorded by then: it never changes"), answer: entry
        ) { asked, tx in
            let id: ID<JournalEntry> = try asked.id("jrn")
            return try JournalList(asked.entity, limit: 1, id: id.value, at: asked.askedMoment).page(in: tx).rows.first.map(json)
        },
    ]

    private static func json(_ entry: JournalList.Entry) -> JSON {
        let postings = entry.postings.map { posting -> JSON in
            [
                "account": .text(posting.account), "account_name": .text(posting.accountName),
                "customer_number": JSON(posting.customerNumber), "amount": JSON(posting.amount),
            ]
        }
        return [
            "id": .text(PrefixedID.text("jrn", entry.id)), "on": JSON(entry.on), "kind": .text(entry.kind), "memo": .text(entry.memo),
            "reverses": JSON(entry.reverses.map { PrefixedID.text("jrn", $0) }), "postings": .array(postings),
        ]
    }

    private static let proof = Schema.object([
        .init(
            "currencies",
            .array(
                .object([
                    .init("debits", .money), .init("credits", .money), .init("control_accounts", .money), .init("open_items", .money),
                    .init("is_equal", .flag),
                ]), max: Currency.codes.count)),
        .init("seals", .integer(0...Int64.max / 2)), .init("sealed_at", .instant), .init("head", .text()),
    ])

    private static func json(_ proof: ProofView) -> JSON {
        let currencies = proof.lines.map { line -> JSON in
            [
                "debits": JSON(line.debits), "credits": JSON(line.credits), "control_accounts": JSON(line.control),
                "open_items": JSON(line.openItems), "is_equal": .bool(line.debits == line.credits && line.control == line.openItems),
            ]
        }
        return [
            "currencies": .array(currencies), "seals": .integer(Int64(proof.sealCount)), "sealed_at": .text(proof.sealedAt.iso8601),
            "head": .text(proof.head),
        ]
    }

    static let checks: [Endpoint] = [
        Endpoint(
            get: "/v1/proof", "That debits equal credits and the control accounts the open items, by currency, and the head of the seals",
            at: .told("what was booked and open then, added up, and the head of the seals that stood by then"),
            answer: proof
        ) { asked, tx in
            guard let moment = asked.askedMoment else { return json(try ProofView.read(asked.entity, in: tx)) }
            return try ProofView.read(at: moment, in: tx).map(json)
        },
        Endpoint(
            run: "/v1/checks", "Proves the books and every match again from the facts", .read, body: .object([]),
            answer: .object([
                .init("faults", .array(.text(max: 5000), max: 100_000)), .init("seals", .integer(0...Int64.max / 2)),
                .init("certificates", .integer(0...Int64.max / 2)),
            ])
        ) { asked, books in
            let (check, matches) = try await books.database.read { tx in
                (try CheckBooks(asked.entity).run(in: tx), try VerifyMatches(asked.entity).run(in: tx))
            }
            return [
                "faults": .array((check.faults + matches.faults).map(JSON.text)), "seals": .integer(Int64(check.sealCount)),
                "certificates": .integer(Int64(matches.verified)),
            ]
        },
    ]
}
