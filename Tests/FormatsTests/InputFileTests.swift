import Formats
import Testing

@Suite struct InputFileTests {
    /// `a,b\n1,2\n3,4\n` three times, gzipped.
    static let gzipped: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 75, 212, 73, 226, 50, 212, 49, 226, 50, 214, 49, 225, 74, 196, 193, 6, 0, 39, 13,
        75, 193, 36, 0, 0, 0,
    ]

    /// A MiB of zeros, gzipped.
    static let zeros: [UInt8] = {
        let head: [UInt8] = [31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 49, 1, 0, 0, 0, 194, 160, 245, 79, 109, 8, 95, 160]
        let end: [UInt8] = [62, 3, 28, 234, 56, 167, 0, 0, 16, 0]
        return head + [UInt8](repeating: 0, count: 1016) + end
    }()

    private func zeros(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in Self.zeros } }

    /// How many bytes come out.
    static func size(_ path: String, _ bound: UnpackedBound = .stream) throws -> Int {
        let file = try InputFile(path: path, bound: bound)
        var total = 0, buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            guard count > 0 else { return total }
            total += count
        }
    }

    private func contents(_ path: String) throws -> [UInt8] {
        let file = try InputFile(path: path)
        var bytes: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 5)
        while true {
            var count = 0
            try buffer.withUnsafeMutableBytes { count = try file.read(into: $0) }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    @Test func readsPlainAndGzippedAlike() throws {
        let text = Array(String(repeating: "a,b\n1,2\n3,4\n", count: 3).utf8)
        #expect(try withFile(text, contents) == text)
        #expect(try withFile(Self.gzipped, contents) == text)
        #expect(try withFile("", contents).isEmpty)
    }

    @Test(arguments: 12..<35) func refusesGzipCutOffAnywhere(count: Int) throws {
        let found = try fault { _ = try withFile(Self.gzipped.prefix(count), contents) }
        #expect(found?.message == "the gzip file is cut off: fetch it again")
    }

    @Test func refusesDamagedGzip() throws {
        var bytes = Self.gzipped
        bytes[27] ^= 1
        #expect(try fault { _ = try withFile(bytes, contents) }?.message.hasPrefix("the gzip file is damaged") == true)
    }

    /// A little that becomes much is read as far as the bound; what is not packed is as large as it looks.
    @Test func refusesWhatUnpacksToTooMuch() throws {
        let bound = UnpackedBound(bytes: 2 << 20)
        #expect(try withFile(zeros(2)) { try Self.size($0, bound) } == 2 << 20)
        #expect(
            try fault { _ = try withFile(zeros(3)) { try Self.size($0, bound) } }?.message == "unpacks to more than 2 MiB: split it")
        #expect(try withFile([UInt8](repeating: 32, count: 3 << 20)) { try Self.size($0, bound) } == 3 << 20)
        #expect(try withFile(zeros(64)) { try Self.size($0) } == 64 << 20)
        let bomb = try fault { _ = try withFile(zeros(65)) { try Self.size($0) } }
        #expect(bomb?.message == "unpacks to more than 200 times its size: see what is in it, and send that unpacked")
    }

    @Test func saysWhatCannotBeOpened() throws {
        #expect(
            try fault { _ = try InputFile(path: "/nowhere/a.csv") }?.description
                == "/nowhere/a.csv: cannot be opened: No such file or directory")
        #expect(try fault { _ = try InputFile(path: "/tmp") }?.description == "/tmp: is a directory: name one file")
        #expect(FileFault(path: "a.xml", line: 12, "is odd").description == "a.xml, line 12: is odd")
    }
}
