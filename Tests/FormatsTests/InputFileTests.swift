import Formats
import Testing

@Suite struct InputFileTests {
    /// `a,b\n1,2\n3,4\n` three times, gzipped.
    static let gzipped: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 75, 212, 73, 226, 50, 212, 49, 226, 50, 214, 49, 225, 74, 196, 193, 6, 0, 39, 13,
        75, 193, 36, 0, 0, 0,
    ]

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

    @Test func saysWhatCannotBeOpened() throws {
        #expect(
            try fault { _ = try InputFile(path: "/nowhere/a.csv") }?.description
                == "/nowhere/a.csv: cannot be opened: No such file or directory")
        #expect(try fault { _ = try InputFile(path: "/tmp") }?.description == "/tmp: is a directory: name one file")
        #expect(FileFault(path: "a.xml", line: 12, "is odd").description == "a.xml, line 12: is odd")
    }
}
