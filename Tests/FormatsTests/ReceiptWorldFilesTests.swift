import Domain
import Formats
import Foundation
import Testing

/// Somebody else's world is read as its maker's tools write it.
@Suite struct ReceiptWorldFilesTests {
    private func read(_ files: [String: Data]) throws -> ReceiptWorldFiles {
        let folder = FileManager.default.temporaryDirectory.appending(path: "florin-world-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, data) in files { try data.write(to: folder.appending(path: name)) }
        return try ReceiptWorldFiles(folder: folder.path) { FileManager.default.fileExists(atPath: $0) }
    }

    private static let customers = "customer_id,name,parent_id,ibans\nC1,Anna Busch,C9,de02120300000000202051\n",
        items = "open_minor;currency;number;customer_id;item_id\r\n62220;eur;R-1;C1;I1\r\n0;EUR;R-2;C1;I2\r\n"

    private func files(receipts: String) -> [String: Data] {
        ["customers.csv": Data(Self.customers.utf8), "open_items.csv": Data(Self.items.utf8), "receipts.csv": Data(receipts.utf8)]
    }

    /// Columns in another order and left out, a byte order mark, CRLF, small letters, a parent that is not there, an item without anything open.
    @Test func readsWhatTheFormatLeavesOpen() throws {
        let read = try read(
            files(
                receipts:
                    "\u{FEFF}\"remittance\",receipt_id,booked_on,currency,amount_minor,payer_iban\r\n\"R-1\r\nund \"\"2\"\"\",P1,2025-01-02,eur,62220,de02 1203 0000 0000 2020 51\r\n"
            ))
        let receipt = try #require(read.world.receipts.first)
        #expect(receipt.words.remittance == "R-1\r\nund \"2\"" && receipt.words.iban == "DE02120300000000202051")
        #expect(receipt.amount == Money(minor: 622_20, .eur) && !read.hasTruth)
        #expect(read.world.customers.map(\.ibans) == [["DE02120300000000202051"]] && read.world.customers[0].parent == nil)
        #expect(read.world.items.map(\.item.open.minor) == [622_20, 0])
        #expect(read.notes.contains { $0.hasSuffix("1 parent_id are no customer_id of this file: taken as empty") })
    }

    /// What takes money back is no receipt; it is told, kept in its place, and keeps no other from being read.
    @Test func readsOnBehindAnAmountThatIsNotAboveZero() throws {
        let read = try read(
            files(
                receipts: "receipt_id,booked_on,currency,amount_minor\nP1,2025-01-02,EUR,-100\nP2,2025-01-02,EUR,0\nP3,2025-01-03,EUR,5\n"))
        #expect(read.world.receipts.map(\.amount.minor) == [-100, 0, 5])
        #expect(read.notes.contains { $0.hasSuffix("2 amounts are not above zero: no receipts, and left to a person") })
    }

    @Test func readsGzippedFiles() throws {
        let zipped = try #require(Data(base64Encoded: Self.zippedCustomers))
        var files = files(receipts: "receipt_id,booked_on,currency,amount_minor\nP1,2025-01-02,EUR,62220\n")
        files["customers.csv"] = nil
        files["customers.csv.gz"] = zipped
        #expect(try read(files).world.customers.map(\.name) == ["Anna Busch"])
    }

    private static let zippedCustomers =
        "H4sIAAAAAAACA0suLS7Jz00tis9M0clLzE3VKUgsSs0rAXEzkxLzirmcDXUc8/ISFZxKi5MzdJwtdVJSDYwMjQyMDaDACAhNDbkA7/stwUkAAAA="
}
