import Formats
import Glibc

/// Runs `body` with a temporary file of these bytes, and removes it.
func withFile<Result>(_ bytes: some Sequence<UInt8>, _ body: (String) throws -> Result) throws -> Result {
    let path = "/tmp/florin-formats-\(getpid())-\(UInt64.random(in: .min ... .max))"
    defer { unlink(path) }
    try append(Array(bytes), to: path)
    return try body(path)
}

func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result { try withFile(text.utf8, body) }

func append(_ bytes: [UInt8], to path: String) throws {
    guard let stream = fopen(path, "a") else { throw FileFault(path: path, "cannot be written") }
    defer { fclose(stream) }
    guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else { throw FileFault(path: path, "cannot be written") }
}

/// The directory of sample files beside the package; nil, with a line that says so, when it is not there.
func sharedData(_ name: String, for test: String = #function) -> String? {
    let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let root = getenv("FLORIN_TEST_DATA").map { String(cString: $0) } ?? "/\(package)/../shared/data"
    let path = "\(root)/\(name)"
    guard access(path, R_OK) == 0 else {
        print("SKIPPED \(test): no sample data at \(path); set FLORIN_TEST_DATA to its directory")
        return nil
    }
    return path
}

/// The fault that `body` throws; nil when it throws none.
func fault(_ body: () throws -> Void) throws -> FileFault? {
    do {
        try body()
        return nil
    } catch let fault as FileFault { return fault }
}
