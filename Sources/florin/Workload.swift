import Domain
import Formats
import Foundation
import Operations

/// The neutral workload: orders of two lines, one invoice each, and the payments that follow.
struct Workload {
    struct Cycle {
        let order: OrderIntake
        var payment: Payment?
    }
    struct Payment {
        let number: String
        let customerNumber: String
        let paidOn: Day
        let amount: Money
        let method: String
        let reference: String
    }

    let customers: [CustomerProfile]
    private(set) var cycles: [Cycle]
    let expected: [String: Any]
    let asOf: Day
    static let currency = Currency.eur
    /// The workload taxes everybody at 20 %: France's rate, at home.
    static let country = "FR"

    init(folder: String) throws {
        let at = { (name: String) in "\(folder)/\(name)" }
        customers = try Self.rows(at("customers.csv")).map {
            CustomerProfile(
                number: $0[0], name: $0[1], email: $0[2], country: Self.country, termsDays: Int($0[4]) ?? 30, currency: Self.currency)
        }
        var lines: [String: [OrderIntake.Line]] = [:]
        for row in try Self.rows(at("order_lines.csv")) {
            guard let quantity = Int64(row[3]), let price = Int64(row[4]) else { throw Failure("order_lines.csv: \(row)") }
            lines[row[0], default: []].append(
                OrderIntake.Line(
                    sku: row[2], description: "Product \(row[2].suffix(4))", quantityMilli: quantity * 1_000, priceMicro: price * 10_000))
        }
        cycles = try Self.rows(at("orders.csv")).map { row in
            guard let day = Day(row[2]) else { throw Failure("orders.csv: \(row)") }
            let order = OrderIntake(
                channel: row[3], externalID: row[0], kind: .sale, customerNumber: row[1], country: Self.country, orderedOn: day,
                currency: Self.currency, lines: lines[row[0]] ?? [])
            return Cycle(order: order)
        }
        // A payment belongs to the cycle of its last order: order k stands in cycle k.
        for row in try Self.rows(at("payments.csv")) {
            guard let day = Day(row[2]), let minor = Int64(row[3]),
                let last = row[5].split(separator: " ").compactMap({ Int($0.dropFirst()) }).max(),
                cycles.indices.contains(last - 1)
            else { throw Failure("payments.csv: \(row)") }
            cycles[last - 1].payment = Payment(
                number: row[0], customerNumber: row[1], paidOn: day, amount: Money(minor: minor, Self.currency), method: row[4],
                reference: row[5])
        }
        let parsed = { (name: String) in
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: at(name)))) as? [String: Any] ?? [:]
        }
        expected = try parsed("expected.json")
        guard let day = (try parsed("meta.json")["as_of"] as? String).flatMap({ Day($0) }) else { throw Failure("meta.json: no as_of day") }
        asOf = day
    }

    private static func rows(_ path: String) throws -> [[String]] {
        var rows: [[String]] = []
        try readCSV(path) { rows.append($0.fields) }
        return Array(rows.dropFirst())
    }

    /// A number of `expected.json`, by its path.
    func expected(_ path: String...) -> Int64? {
        var value: Any? = expected
        for key in path { value = (value as? [String: Any])?[key] }
        return (value as? NSNumber)?.int64Value
    }
}
