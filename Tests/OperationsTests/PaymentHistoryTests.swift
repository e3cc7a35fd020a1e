import Domain
import Foundation
import Operations
import Store
import TestSupport
import Testing

/// 1,267 settled invoices of 50 customers, replayed as books; a public sample that tests read from outside the package.
@Suite struct PaymentHistoryTests {
    struct Line {
        let customer, number: String
        let issuedOn, dueOn, settledOn: Day
        let amount: Money
    }

    /// nil, and a printed line, when the folder of test data is not there.
    static let lines: [Line]? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folders = [ProcessInfo.processInfo.environment["FLORIN_TEST_DATA"], root.appending(path: "../shared/data").path].compactMap {
            $0
        }
        for folder in folders {
            let path = "\(folder)/ar-history/ibm-accounts-receivable-dev.csv"
            if let text = try? String(contentsOfFile: path, encoding: .utf8) { return parsed(text) }
        }
        print("SKIPPED payment history: no ar-history/ibm-accounts-receivable-dev.csv in FLORIN_TEST_DATA or ../shared/data")
        return nil
    }()

    private static func parsed(_ text: String) -> [Line] {
        text.split(whereSeparator: \.isNewline).dropFirst().map { row in
            let cells = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            func day(_ text: String) -> Day {
                let parts = text.split(separator: "/").compactMap { Int($0) }
                guard parts.count == 3, let day = Day(year: parts[2], month: parts[0], day: parts[1]) else {
                    preconditionFailure("\(text) is no day: \(row)")
                }
                return day
            }
            guard let minor = DecimalNumber(cells[6])?.units(atScale: 2) else { preconditionFailure("\(cells[6]) is no amount: \(row)") }
            return Line(
                customer: cells[1], number: cells[3], issuedOn: day(cells[4]), dueOn: day(cells[5]), settledOn: day(cells[8]),
                amount: Money(minor: minor, .usd))
        }
    }

    /// Books of all invoices and their settlements, each as a receipt of its customer that names its invoice.
    private func replayed(_ engine: Engine, _ lines: [Line]) async throws -> Shop {
        let shop = try await Shop.open(engine, country: "US", currency: .usd)
        let items = lines.map {
            OpeningItem(number: $0.number, customerNumber: $0.customer, issuedOn: $0.issuedOn, dueOn: $0.dueOn, open: $0.amount)
        }
        let report = try await shop.run { try ImportOpenItems(shop.entity, items).run(in: $0, at: $1) }
        #expect(report.taken == 1_267 && report.customersCreated == 50 && report.totalMinor == ["USD": 78_126_61])
        var customers: [String: ID<Customer>] = [:]
        for number in Set(lines.map(\.customer)) { customers[number] = try await shop.id(of: number) }
        for (on, settled) in Dictionary(grouping: lines, by: \.settledOn).sorted(by: { $0.key < $1.key }) {
            let receipts = settled.map {
                ReceiptIntake(
                    method: "wire", externalID: "W\($0.number)", bookedOn: on, amount: $0.amount, customer: customers[$0.customer],
                    remittance: "invoice \($0.number)")
            }
            let report = try await shop.run { try RecordReceipts(shop.entity, receipts, on: on).run(in: $0, at: $1) }
            #expect(report.cash.rules == ["reference_exact": settled.count], "\(on.iso8601)")
        }
        return shop
    }

    @Test(arguments: Engine.available) func theHistoryAgesAsItIsPublished(engine: Engine) async throws {
        guard let lines = Self.lines else { return }
        #expect(lines.count == 1_267)
        let shop = try await replayed(engine, lines)
        let row = try #require(try await shop.aging(asOf: "2013-06-30")["USD"])
        #expect(row.total.minor == 2_996_59 && row.current.minor == 2_510_53 && row.overdue.minor == 486_06)
        #expect(row.counts.reduce(0, +) == 49 && row.creditCount == 0)
        #expect(row.amounts[1].minor == 486_06)
        for day in stride(from: 0, to: 720, by: 45).map({ Day("2012-01-15") + $0 }) {
            let open = lines.filter { $0.issuedOn <= day && day < $0.settledOn }
            let aging = try await shop.aging(asOf: day)["USD"]
            #expect(aging?.total.minor ?? 0 == open.reduce(0) { $0 + $1.amount.minor }, "\(day.iso8601)")
            #expect(aging?.counts.reduce(0, +) ?? 0 == open.count, "\(day.iso8601)")
        }
        try await keyFiguresAgree(shop, lines)
        #expect(try await shop.aging(asOf: "2014-12-31") == [:])
        let check = try await shop.database.read { try CheckBooks(shop.entity).run(in: $0) }
        #expect(check.faults == [] && check.sealCount == Set(lines.map(\.settledOn)).count + 1)
    }

    private func keyFiguresAgree(_ shop: Shop, _ lines: [Line]) async throws {
        let end: Day = "2013-06-30", start = end + -90
        let report = KeyFiguresReport(ReportMoment(shop.entity, asOf: end), days: 90)
        let figures = try #require(try await shop.database.read { try report.figures(in: $0) }.first)
        func sum(_ lines: [Line]) -> Int64 { lines.reduce(0) { $0 + $1.amount.minor } }
        let sold = lines.filter { $0.issuedOn > start && $0.issuedOn <= end }
        let settled = lines.filter { $0.settledOn > start && $0.settledOn <= end }
        #expect(figures.period.creditSales.minor == sum(sold))
        #expect(figures.period.opening.minor == sum(lines.filter { $0.issuedOn <= start && start < $0.settledOn }))
        #expect(figures.period.closing.minor == 2_996_59 && figures.period.closingCurrent.minor == 2_510_53)
        #expect(figures.period.dsoCentiDays == (299_659 * 90 * 100 * 2 + sum(sold)) / (sum(sold) * 2))
        #expect(figures.behaviour.count == settled.count)
        #expect(figures.behaviour.lateCount == settled.filter { $0.settledOn > $0.dueOn }.count)
        #expect(figures.behaviour.daysLateSum == settled.reduce(0) { $0 + max(0, $1.settledOn - $1.dueOn) })
        let table = try await shop.database.read { try report.table(in: $0) }
        #expect(table.rows.count == 12 && !table.notes.isEmpty)
    }
}
