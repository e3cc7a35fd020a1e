import Testing
import Web

private let type = "multipart/form-data; boundary=----b1"
private let form = """
    ------b1\r\nContent-Disposition: form-data; name="csrf"\r\n\r\ntoken\r\n------b1\r\n\
    Content-Disposition: form-data; name="file"; filename="a;b \u{fc}.xml"\r\nContent-Type: text/xml\r\n\r\n<a>\r\n--\r\n------b</a>\r\n\r\n------b1\r\n\
    Content-Disposition: form-data; name="kind"\r\n\r\n\r\n------b1--\r\n
    """

/// A form as it came out in the end.
private struct Read: Equatable {
    var names: [String] = [], values: [String] = []
    var fields: [String] = [], fileNames: [String] = [], files: [[UInt8]] = []

    /// - Parameter length: Of each piece in which the bytes come.
    init?(_ bytes: [UInt8], contentType: String, by length: Int = .max) {
        guard var form = MultipartForm(contentType: contentType) else { return nil }
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let pieces = form.take(rest.prefix(length)) else { return nil }
            rest = rest.dropFirst(length)
            for piece in pieces {
                switch piece {
                case .value(let name, let value): (names, values) = (names + [name], values + [value])
                case .file(let field, let name): (fields, fileNames, files) = (fields + [field], fileNames + [name], files + [[]])
                case .bytes(let bytes): files[files.count - 1] += bytes
                }
            }
        }
        guard form.isWhole else { return nil }
    }
}

@Suite struct MultipartFormTests {
    /// In one piece, byte by byte, and everything between.
    @Test func valuesAndFilesComeOutAsTheyWereSentHoweverTheyCome() throws {
        for length in 1...form.utf8.count {
            let read = try #require(Read(Array(form.utf8), contentType: type, by: length), "\(length)")
            #expect(read.names == ["csrf", "kind"])
            #expect(read.values == ["token", ""])
            #expect(read.fields == ["file"])
            #expect(read.fileNames == ["a;b \u{fc}.xml"])
            #expect(String(decoding: read.files[0], as: UTF8.self) == "<a>\r\n--\r\n------b</a>\r\n")
        }
    }

    @Test func aValueIsToldBeforeTheFileBehindItHasCome() throws {
        let bytes = Array(form.utf8), file = try #require(form.firstRange(of: "<a>"))
        let end = form.utf8.distance(from: form.startIndex, to: file.lowerBound)
        var read = try #require(MultipartForm(contentType: type))
        #expect(read.take(bytes[..<end])?.first == .value(name: "csrf", "token"))
        #expect(!read.isWhole)
    }

    @Test func whatIsNoFileIsBounded() {
        let head = "------b1\r\nContent-Disposition: form-data; name=\"a\"\r\n", tail = "\r\n------b1--\r\n"
        let large = head + "\r\n" + String(repeating: "a", count: 1 << 20)
        #expect(Read(Array((large + tail).utf8), contentType: type)?.values.first?.utf8.count == 1 << 20)
        #expect(Read(Array((large + "a" + tail).utf8), contentType: type, by: 4096) == nil)
        #expect(Read(Array((head + "X: " + String(repeating: "a", count: 9_000) + "\r\n\r\n" + tail).utf8), contentType: type) == nil)
        let many = String(repeating: head + "\r\n\r\n", count: MultipartForm.partLimit + 1)
        #expect(Read(Array((many + "------b1--\r\n").utf8), contentType: type) == nil)
    }

    @Test func aFormThatWasCutOffIsNone() {
        let bytes = Array(form.utf8), end = bytes.count - 4  // the last delimiter's second `-` and the line break after it may be missing
        for length in 0..<end { #expect(Read(Array(bytes[..<length]), contentType: type) == nil, "\(length)") }
        #expect(Read(bytes, contentType: type) != nil)
    }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data; boundary=", "text/plain; boundary=other",
        "multipart/form-data; boundary=\(String(repeating: "x", count: 71))",
    ])
    func anotherBoundaryIsNone(contentType: String) {
        #expect(Read(Array(form.utf8), contentType: contentType) == nil)
    }

    @Test(arguments: 0..<300) func anyBytesAreReadOrRefusedNeverWorse(seed: Int) {
        var bytes = Array(form.utf8), state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        for _ in 0...(seed % 5) {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            bytes[Int(state % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: state >> 32)
        }
        let read = Read(bytes, contentType: type)
        if let read {
            #expect(read.values.count + read.files.count <= MultipartForm.partLimit)
            #expect(read.files.allSatisfy { $0.count < bytes.count })
        }
        for length in [1, 7, 100] { #expect(Read(bytes, contentType: type, by: length) == read, "\(length)") }
    }
}
