import Domain
import Store

extension CheckBooks {
    /// The last number of each series is the highest that a document bears, and its day that of the latest document we issued ourselves.
    func checkNumbers(_ report: inout Report, in tx: any Transaction) throws {
        var borne: [String: (last: Int64, on: String)] = [:]
        try tx.forEach(
            """
            SELECT i.number, i.issued_on, COALESCE(o.kind, '') FROM invoice i LEFT JOIN open_item o ON o.entity_id = i.entity_id
              AND o.id = i.id
             WHERE i.entity_id = \(entity)
            """
        ) { row in
            guard let number = DocumentSeries.parsed(row.text(0)) else { return }
            let before = borne["\(number.series.rawValue) \(number.year)"] ?? (0, "0001-01-01")
            let on = row.text(2) == OpenItem.Kind.opening.rawValue ? before.on : max(before.on, row.text(1))
            borne["\(number.series.rawValue) \(number.year)"] = (max(before.last, number.sequence), on)
        }
        try tx.forEach("SELECT series, year, last, last_on FROM document_series WHERE entity_id = \(entity)") { row in
            let series = "\(row.text(0)) \(row.integer(1))", found = borne.removeValue(forKey: series) ?? (0, "0001-01-01")
            if found.last != row.integer(2) {
                report.faults.append("series \(series): \(row.integer(2)) drawn, the highest on a document is \(found.last)")
            }
            if found.on != row.text(3) {
                report.faults.append("series \(series): last drawn on \(row.text(3)), the latest document is of \(found.on)")
            }
        }
        for (series, found) in borne.sorted(by: { $0.key < $1.key }) {
            report.faults.append("series \(series): nothing drawn, the highest on a document is \(found.last)")
        }
    }

    /// The accounts of order to cash are there as the program knows them.
    func checkAccounts(_ report: inout Report, in tx: any Transaction) throws {
        var kept: [String: String] = [:]
        try tx.forEach("SELECT code, name, kind, control FROM account WHERE entity_id = \(entity)") {
            kept[$0.text(0)] = "\($0.text(1)), \($0.text(2))\($0.integer(3) == 1 ? ", control" : "")"
        }
        for account in Account.allCases {
            let known = "\(account.name), \(account.kind.rawValue)\(account.isControl ? ", control" : "")"
            guard let found = kept[account.rawValue] else {
                report.faults.append("account \(account.rawValue) \(account.name) is missing")
                continue
            }
            if found != known { report.faults.append("account \(account.rawValue): '\(found)' stands, '\(known)' is right") }
        }
    }

    /// Who waits for a person waits with the receipt's own amount and weight, and until a day that somebody asked for.
    func checkQueue(_ report: inout Report, in tx: any Transaction) throws {
        try tx.forEach(
            """
            SELECT q.receipt_id, q.amount_minor, q.weight, q.asked_until, r.external_id, r.amount_minor, r.booked_on, i.effective_on,
                   (SELECT count(*) FROM receipt_inquiry n
                     WHERE n.entity_id = q.entity_id AND n.receipt_id = q.receipt_id AND n.answer_by = q.asked_until), r.currency
              FROM cash_queue q LEFT JOIN receipt r ON r.entity_id = q.entity_id AND r.id = q.receipt_id
              LEFT JOIN open_item i ON i.entity_id = q.entity_id AND i.id = q.receipt_id WHERE q.entity_id = \(entity)
            """
        ) { row in
            guard let number = row.optionalText(4) else {
                report.faults.append("queue: receipt with id \(row.integer(0)) waits and does not exist")
                return
            }
            let amount = row.integer(5), name = "queue: receipt \(number) (id \(row.integer(0)))"
            guard (1...Money.bound).contains(amount) else {
                report.faults.append("\(name) waits and is of \(amount), which no receipt can be")
                return
            }
            guard row.optionalInteger(1) == amount else {
                report.faults.append("\(name) waits with \(row.optionalInteger(1) ?? 0), it is of \(amount)")
                return
            }
            // One that was taken back waits since its item's day, which is later where the days before were closed; one that waits since
            // before the weight was kept has none, and one since before decimals counted in it that of two, until the next run asks again.
            let weights = [Money(minor: amount, row.currency(9)), Money(minor: amount, .eur)].flatMap { amount in
                [row.day(6), row.optionalDay(7) ?? row.day(6)].map { queueWeight(amount, bookedOn: $0) }
            }
            if !weights.contains(row.integer(2)), row.integer(2) != 0 {
                report.faults.append("\(name) waits with weight \(row.integer(2)), by amount and day it is \(weights[0])")
            }
            if let until = row.optionalText(3), row.integer(8) == 0 {
                report.faults.append("\(name) waits for an answer by \(until), for which nobody asked")
            }
        }
    }
}
