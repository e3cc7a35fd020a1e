import Formats
import Foundation
import Testing

/// ZIP archives, as banks give statements of several days.
@Suite struct ArchiveTests {
    /// `daily/a.csv`, deflated, and `b.csv`, stored, beside a folder and what macOS adds.
    private static let twoFiles = bytes(
        """
        UEsDBBQAAAAAAAAAIVwAAAAAAAAAAAAAAAAGAAAAZGFpbHkvUEsDBBQAAAAIAAAAIVwnDUvBEQAAACQAAAALAAAAZGFpbHkvYS5jc3ZL1EniMtQx4jLWMeFKxMEGAFBLAwQUAAAA
        AAAAACFcgxbcjAEAAAABAAAAFgAAAF9fTUFDT1NYL2RhaWx5Ly5fYS5jc3Z4UEsDBBQAAAAAAAAAIVzIf8TYBAAAAAQAAAAFAAAAYi5jc3ZjLGQKUEsBAhQDFAAAAAAAAAAhXAAA
        AAAAAAAAAAAAAAYAAAAAAAAAAAAAAIABAAAAAGRhaWx5L1BLAQIUAxQAAAAIAAAAIVwnDUvBEQAAACQAAAALAAAAAAAAAAAAAACAASQAAABkYWlseS9hLmNzdlBLAQIUAxQAAAAA
        AAAAIVyDFtyMAQAAAAEAAAAWAAAAAAAAAAAAAACAAV4AAABfX01BQ09TWC9kYWlseS8uX2EuY3N2UEsBAhQDFAAAAAAAAAAhXMh/xNgEAAAABAAAAAUAAAAAAAAAAAAAAIABkwAA
        AGIuY3N2UEsFBgAAAAAEAAQA5AAAALoAAAAAAA==
        """)
    private static let empty = bytes("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==")
    private static let workbook = bytes(
        """
        UEsDBBQAAAAAAAAAIVwrhCYSBAAAAAQAAAATAAAAW0NvbnRlbnRfVHlwZXNdLnhtbDx4Lz5QSwECFAMUAAAAAAAAACFcK4QmEgQAAAAEAAAAEwAAAAAAAAAAAAAAgAEAAAAAW0Nv
        bnRlbnRfVHlwZXNdLnhtbFBLBQYAAAAAAQABAEEAAAA1AAAAAAA=
        """)
    private static let locked = bytes(
        """
        UEsDBAoACQAAAARLfF3FEJckEAAAAAQAAAAFAAAAYS5jc3aLk2xDRaFOJFjwIoHtotNqUEsHCMUQlyQQAAAABAAAAFBLAQIeAwoACQAAAARLfF3FEJckEAAAAAQAAAAFAAAAAAAA
        AAEAAACkgQAAAABhLmNzdlBLBQYAAAAAAQABADMAAABDAAAAAAA=
        """)

    /// One stored file of one byte, whose name is empty.
    private static let nameless = bytes(
        """
        UEsDBBQAAAAAAAAAIQCDFtyMAQAAAAEAAAAAAAAAeFBLAQIUABQAAAAAAAAAIQCDFtyMAQAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAABQSwUGAAAAAAEAAQAuAAAAHwAAAAAA
        """)

    /// `count` files of a MiB of zeros each, which say that they hold `size` bytes.
    private static func bomb(_ count: Int, size: Int = 1 << 20, hasList: Bool = true) -> [UInt8] {
        func number(_ value: Int, _ bytes: Int) -> [UInt8] { (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let packed = InputFileTests.zeros.dropFirst(10).dropLast(8), check = InputFileTests.zeros.suffix(8).prefix(4)
        var files: [UInt8] = [], list: [UInt8] = []
        for at in 0..<count {
            let name = Array("\(at).csv".utf8)
            // Version, flags, method, time and day.
            var facts: [UInt8] = [20, 0, 8, 0, 0x21].flatMap { number($0, 2) }
            facts += check
            facts += number(packed.count, 4) + number(size, 4) + number(name.count, 4)
            list += [0x50, 0x4B, 1, 2]
            list += number(20, 2) + facts
            list += number(0, 10) + number(files.count, 4) + name
            files += [0x50, 0x4B, 3, 4]
            files += facts + name
            files += packed
        }
        guard hasList else { return files }
        let place = number(list.count, 4) + number(files.count, 4)
        files += list
        files += [0x50, 0x4B, 5, 6]
        files += number(0, 4) + number(count, 2) + number(count, 2)
        files += place
        return files + number(0, 2)
    }

    /// Files that are stored as they are.
    ///
    /// - Parameters:
    ///   - isUTF8: What the archive says of their names.
    ///   - method: How it says that they are packed.
    private static func stored(_ files: [(name: [UInt8], bytes: [UInt8])], isUTF8: Bool = false, method: Int = 0) -> [UInt8] {
        func number(_ value: Int, _ bytes: Int) -> [UInt8] { (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        func check(_ bytes: [UInt8]) -> Int {
            var sum: UInt32 = 0xFFFF_FFFF
            for byte in bytes {
                sum ^= UInt32(byte)
                for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xEDB8_8320 : sum >> 1 }
            }
            return Int(~sum)
        }
        var packed: [UInt8] = [], list: [UInt8] = []
        for (name, bytes) in files {
            var facts: [UInt8] = [20, isUTF8 ? 0x800 : 0, method, 0, 0x21].flatMap { number($0, 2) }
            facts += number(check(bytes), 4)
            facts += number(bytes.count, 4) + number(bytes.count, 4) + number(name.count, 4)
            list += [0x50, 0x4B, 1, 2] + number(20, 2)
            list += facts + number(0, 10)
            list += number(packed.count, 4) + name
            packed += [0x50, 0x4B, 3, 4] + facts
            packed += name + bytes
        }
        let end = number(0, 4) + number(files.count, 2) + number(files.count, 2) + number(list.count, 4) + number(packed.count, 4)
        return packed + list + [0x50, 0x4B, 5, 6] + end + number(0, 2)
    }

    private static func bytes(_ text: String) -> [UInt8] { Array(Data(base64Encoded: text, options: .ignoreUnknownCharacters)!) }

    /// Each file in the archive by its name.
    private func contents(_ path: String) throws -> [String: String] {
        var contents: [String: String] = [:]
        for member in try inputPaths(path) {
            let file = try InputFile(path: member)
            var bytes: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 5)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                guard count > 0 else { break }
                bytes += buffer[..<count]
            }
            contents[String(member.dropFirst(path.count))] = String(decoding: bytes, as: UTF8.self)
        }
        return contents
    }

    @Test func readsWhatAnArchiveHolds() throws {
        let text = String(repeating: "a,b\n1,2\n3,4\n", count: 3)
        #expect(try withFile(Self.twoFiles, contents) == ["/daily/a.csv": text, "/b.csv": "c,d\n"])
        #expect(try withFile("plain") { try inputPaths($0) == [$0] })
        #expect(try withFile(InputFileTests.gzipped) { try inputPaths($0) == [$0] })
    }

    /// Those of most programs are UTF-8 and say so, those of some are and say nothing; else they are in ZIP's own code page.
    @Test func readsNamesBeyondASCII() throws {
        let names = ["Kontoauszug_März.sta", "明細.xml"].map { (name: Array($0.utf8), bytes: Array($0.utf8)) }
        for isUTF8 in [true, false] {
            #expect(
                try withFile(Self.stored(names, isUTF8: isUTF8), contents) == [
                    "/Kontoauszug_März.sta": "Kontoauszug_März.sta", "/明細.xml": "明細.xml",
                ])
        }
        let old = [0x84, 0x81].map { (name: Array("Kont".utf8) + [$0, 0x78], bytes: [UInt8(0x41)]) }
        #expect(try withFile(Self.stored(old), contents) == ["/Kontäx": "A", "/Kontüx": "A"])
    }

    @Test func readersNameTheFileInTheArchive() throws {
        let found = try withFile(Self.twoFiles) { path in
            try fault { _ = try StatementReader(path: path + "/daily/a.csv") }.map { ($0.path.dropFirst(path.count), $0.message) }
        }
        #expect(found?.0 == "/daily/a.csv")
        #expect(found?.1.isEmpty == false)
        let missing = try withFile(Self.twoFiles) { path in try fault { _ = try InputFile(path: path + "/c.csv") } }
        #expect(missing?.message == "cannot be opened: Not a directory")
    }

    @Test func refusesAFileWithoutAName() throws {
        let refused = try withFile(Self.nameless) { path in try fault { _ = try inputPaths(path) } }
        #expect(refused?.message == "holds a file without a name: unpack it")
    }

    @Test func refusesWhatIsNoArchiveOfFiles() throws {
        #expect(try fault { _ = try withFile(Self.empty, contents) }?.message == "is an archive without files")
        #expect(try fault { _ = try withFile(Self.workbook, contents) }?.message == "is an Office document: save it as CSV")
        #expect(
            try fault { _ = try withFile(Self.locked, contents) }?.message == "is locked with a password: unpack the archive")
        let sheet = ["mimetype", "content.xml", "META-INF/manifest.xml"].map { (name: Array($0.utf8), bytes: Array($0.utf8)) }
        #expect(try fault { _ = try withFile(Self.stored(sheet), contents) }?.message == "is an Office document: save it as CSV")
        #expect(try withFile(Self.stored([sheet[0], sheet[2]]), contents).count == 2, "a signed container")
        let nested = try fault { _ = try withFile(Self.stored([(Array("a.sta.gz".utf8), InputFileTests.gzipped)]), contents) }
        #expect(nested?.message == "is gzipped within an archive: unpack the archive" && nested?.path.hasSuffix("/a.sta.gz") == true)
        let packed = try fault { _ = try withFile(Self.stored([(Array("a.sta".utf8), [1])], method: 9), contents) }
        #expect(
            packed?.message.hasPrefix("is packed in a way that is not read (Unsupported") == true
                && packed?.path.hasSuffix("/a.sta") == true)
    }

    /// What all files of an archive unpack to counts, and what one of them does.
    @Test func refusesWhatUnpacksToTooMuch() throws {
        let sizes = try withFile(Self.bomb(2)) { path in try inputPaths(path).map { try InputFileTests.size($0) } }
        #expect(sizes == [1 << 20, 1 << 20])
        let names = try withFile(Self.bomb(64)) { try inputPaths($0).count }
        #expect(names == 64)
        let many = try fault { _ = try withFile(Self.bomb(65)) { try inputPaths($0) } }
        #expect(many?.message == "unpacks to more than 200 times its size: see what is in it, and send that unpacked")
        let last = try fault { _ = try withFile(Self.bomb(65)) { try InputFile(path: $0 + "/64.csv") } }
        #expect(last?.message == many?.message)
        let lying = try fault { _ = try withFile(Self.bomb(1, size: 10)) { try InputFileTests.size($0 + "/0.csv") } }
        #expect(lying?.message == "unpacks to more than its archive says: fetch it again")
        let small = UnpackedBound(bytes: 1 << 19)
        let large = try fault { _ = try withFile(Self.bomb(1)) { try InputFileTests.size($0 + "/0.csv", small) } }
        #expect(large?.message.hasPrefix("unpacks to more than ") == true)
        let endless = try fault { _ = try withFile(Self.bomb(1, hasList: false)) { try inputPaths($0) } }
        #expect(endless?.message.hasPrefix("the archive is damaged") == true)
    }

    /// Cut off or with a byte flipped anywhere: the contents as they are, or a refusal, never other contents.
    @Test(arguments: Array(stride(from: 4, to: 400, by: 3))) func neverReadsOtherContents(at: Int) throws {
        let whole = try withFile(Self.twoFiles, contents)
        var flipped = Self.twoFiles
        flipped[at] ^= 0x20
        for bytes in [Array(Self.twoFiles.prefix(at)), flipped] {
            var read: [String: String]?
            let fault = try fault { read = try withFile(bytes, contents) }
            let texts = Set(whole.values)
            #expect(fault != nil || Set(read!.values).isSubset(of: texts), "\(fault?.message ?? "")")
        }
    }
}
