import Domain
import Formats
import Foundation
import Operations
import Store
import TestSupport
import Testing

/// Every public sample of a bank file, taken twice: the second time tells nothing new.
@Suite struct BankFilesTwiceTests {
    private typealias Statement = (summary: ImportStatement.Summary, entries: [BankEntry])

    /// The files below `bank-*` of the folder of test data; none, and a printed line, when it is not there.
    private static let files: [URL] = {
        let named = ProcessInfo.processInfo.environment["FLORIN_TEST_DATA"].map { URL(filePath: $0) }
        let root = named ?? URL(filePath: #filePath).appending(path: "../../../../shared/data").standardized
        let folders = ["bank-bai2", "bank-camt", "bank-mt940", "bank-ofx", "ach-nacha"]
        let found = folders.flatMap { folder in
            FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil)?.compactMap { $0 as? URL }
                ?? []
        }
        if found.isEmpty { print("SKIPPED bank files taken twice: no bank files in FLORIN_TEST_DATA or ../shared/data") }
        return found.filter { !$0.pathExtension.isEmpty }.sorted { $0.path() < $1.path() }
    }()

    /// nil for what is no statement, or a broken one. Its account is told apart from those of other files.
    private func statements(_ file: URL) throws -> [Statement]? {
        var read: [Statement] = []
        do {
            try readStatements(file.path(percentEncoded: false), currency: .eur) { event in
                switch event {
                case .began(var header):
                    header.account = "\(header.account) \(file.lastPathComponent)"
                    let summary = ImportStatement.Summary(
                        header: header, fileDigest: file.lastPathComponent, currency: header.currency ?? .eur, opening: nil, closing: nil,
                        findings: [], throughOn: header.createdOn ?? "2000-01-01")
                    read.append((summary, []))
                case .entry(let entry): read[read.count - 1].entries.append(entry)
                case .ended(let opening, let closing, let findings):
                    let last = read.count - 1, days = read[last].entries.filter { $0.status == .booked }.map(\.bookedOn)
                    (read[last].summary.opening, read[last].summary.closing, read[last].summary.findings) = (opening, closing, findings)
                    read[last].summary.fromOn = days.min()
                    read[last].summary.throughOn = max(days.max() ?? "2000-01-01", read[last].summary.throughOn)
                }
            }
        } catch is FileFault { return nil }
        return read
    }

    @Test(arguments: Engine.available) func aFileTakenTwiceTellsNothingNew(engine: Engine) async throws {
        let shop = try await Shop.open(engine, currency: .eur)
        for file in Self.files {
            guard let read = try statements(file) else { continue }
            let booked = read.flatMap(\.entries).count { $0.status == .booked }
            #expect(try await shop.importFile(read).entries <= booked, "\(file.lastPathComponent)")
            let balance = try await shop.balance(.bank)
            for _ in 0..<2 {
                #expect(try await shop.importFile(read).entries == 0, "\(file.lastPathComponent)")
                // The same statements in a file of another form.
                let other = read.map { one in
                    var one = one
                    one.summary.fileDigest = "other \(one.summary.fileDigest)"
                    return one
                }
                #expect(try await shop.importFile(other).entries == 0, "\(file.lastPathComponent)")
            }
            #expect(try await shop.balance(.bank) == balance)
        }
        try await shop.proves()
    }
}
