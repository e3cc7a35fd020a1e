import Domain
import Formats
import Glibc
import Testing

@Suite(.serialized) struct LargeFileTests {
    /// The figures of the data's own description: 209,029 rows, 10,783 invoice numbers, 1,677 of them cancellations.
    @Test func readsOnlineRetailToTheLastMilli() throws {
        guard let path = sharedData("orders-uci-retail/online-retail-2010-12_2011-05.csv.gz") else { return }
        let file = try readOrders(path)
        #expect(file.rowCount == 209_029)
        #expect(file.orderNumberCount == 10_783)
        #expect(file.refusedCounts == [.stockMovement: 651])
        #expect(file.orders.count(where: { $0.kind == .sale }) == 9106 - 651)
        #expect(file.orders.count(where: { $0.kind == .cancellation }) == 1677)
        #expect(file.orders.reduce(0) { $0 + $1.lines.count } + file.refused.count == file.rowCount)
        #expect(file.totals.map(\.key) == [.gbp])
        #expect(file.totals[.gbp]?.salesMicro == 4_064_726_591_000)
        #expect(file.totals[.gbp]?.cancellationsMicro == -357_898_950_000)
        #expect(file.totals[.gbp]?.netMicro == 3_706_827_641_000)
        #expect(Set(file.orders.compactMap(\.customerNumber)).count == 2767)
        #expect(Set(file.orders.map(\.country)).count == 36)
        #expect(file.orders.flatMap(\.lines).count(where: { $0.priceMicro == 0 }) == 1292 - 651)
    }

    @Test func readsAHundredMegabytesInTheMemoryOfOneEntry() throws {
        try withFile("") { path in
            let count = try writeStatement(ofMegabytes: 100, to: path)
            // Other tests share this process and its memory, so one quiet run of three is proof.
            var growths: [Int] = []
            while growths.count < 3, growths.last.map({ $0 >= 60_000 }) ?? true {
                growths.append(try growth(reading: path, count))
            }
            #expect(growths.last.map { $0 < 60_000 } == true, "resident memory grew by \(growths) KiB")
        }
    }

    /// - Returns: KiB by which resident memory grew at its peak.
    private func growth(reading path: String, _ count: Int) throws -> Int {
        let before = try residentKiB()
        var peak = before, entryCount = 0, sum: Int64 = 0, findings: [Finding] = []
        try readCamt(path) { event in
            switch event {
            case .began: break
            case .entry(let entry):
                entryCount += 1
                sum += entry.amount.minor
                if entryCount % 1000 == 0 { peak = max(peak, try residentKiB()) }
            case .ended(_, _, let found): findings = found
            }
        }
        #expect(entryCount == count)
        #expect(sum == Int64(count) * 1234)
        #expect(findings.map(\.message) == ["amount 12.341 EUR has more decimals than the currency: taken as 12.34"])
        let line = try #require(findings.first?.line)
        #expect(abs(line - (4 + count * 8)) <= 8, "a line beyond 65,535 is known, not guessed: \(line)")
        return peak - before
    }

    /// Entries of eight lines each, of 12.34 EUR; the last one has a transaction amount of 12.341.
    private func writeStatement(ofMegabytes size: Int, to path: String) throws -> Int {
        let filler = String(repeating: "Invoice 2026-000123 of 31 January, goods delivered. ", count: 20)
        func booking(_ amount: String) -> String {
            let text = "<Refs>\n<EndToEndId>E-1</EndToEndId>\n</Refs>\(amount)<RmtInf>\n<Ustrd>\(filler)</Ustrd>\n</RmtInf>\n"
            return entry("12.34", rest: details(text)) + "\n\n\n"
        }
        let whole = document("ENTRIES").split(separator: "ENTRIES").map(String.init)
        try append(Array(whole[0].utf8), to: path)
        let batchSize = 500, batch = Array(String(repeating: booking(""), count: batchSize).utf8)
        let batchCount = size * 1_000_000 / batch.count
        for _ in 0..<batchCount { try append(batch, to: path) }
        try append(Array((booking("<Amt Ccy=\"EUR\">12.341</Amt>") + whole[1]).utf8), to: path)
        return batchCount * batchSize + 1
    }

    private func residentKiB() throws -> Int {
        let file = try InputFile(path: "/proc/self/status")
        var bytes = [UInt8](repeating: 0, count: 8192), count = 0
        try bytes.withUnsafeMutableBytes { count = try file.read(into: $0) }
        let line = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return try #require(line.flatMap { Int($0.filter(\.isNumber)) })
    }
}
