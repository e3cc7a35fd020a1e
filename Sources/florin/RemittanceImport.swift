import ArgumentParser
import Domain
import Formats
import Foundation
import Operations
import TOMLKit

/// Reads one file and keeps its advices.
///
/// - Parameter currency: Of a file that names none.
func keepRemittance(
    _ path: String, _ currency: Currency?, _ table: RemittanceTable?, _ open: OpenBooks
) async throws -> (file: RemittanceFile, report: ImportRemittance.Report) {
    let file =
        try isPDF(path)
        ? withPDFText(path) { try readPDFRemittance(text: $0, currency: currency) } : readRemittance(path, currency: currency, table: table)
    return (file, try await keep(file, path, open))
}

/// Keeps the advices that a bank's file carries beside its receipts.
///
/// - Returns: nil for a file that carries none.
func keepCarriedAdvices(
    _ path: String, _ open: OpenBooks
) async throws -> (file: RemittanceFile, report: ImportRemittance.Report)? {
    guard let file = try carriedAdvices(path, tables: open.configuration.statementTables) else { return nil }
    return (file, try await keep(file, path, open))
}

private func keep(_ file: RemittanceFile, _ path: String, _ open: OpenBooks) async throws -> ImportRemittance.Report {
    let operation = ImportRemittance(
        open.entity, fileDigest: try fileDigest(path), reader: file.reader, version: file.version, file.advices)
    return try await open.write { try operation.run(in: $0, at: $1) }
}

/// Takes one file in and says what it holds.
func importRemittance(_ path: String, _ currency: Currency?, _ table: RemittanceTable?, _ open: OpenBooks) async throws {
    let (file, report) = try await keepRemittance(path, currency, table, open)
    print(
        "\(path): \(file.advices.first?.format ?? ""); advices new \(report.advices), known before \(report.known); lines \(report.lines)")
    for advice in file.advices.prefix(10) {
        let total = (advice.total?.value ?? advice.paidByLines)?.readable ?? "no total"
        print(
            "  \(advice.payerName?.value ?? "payer not named"), \(advice.paymentReference?.value ?? "no reference"): ".printable
                + "\(total) for \(counted(advice.lines.count, "document"))"
        )
        for finding in advice.findings { print("    \(finding.told)") }
    }
    if file.advices.count > 10 { print("  … \(file.advices.count - 10) more") }
}

/// Links advices to their receipts and decides those receipts that waited anew.
func linkAdvices(_ open: OpenBooks) async throws {
    let linked = try await open.write { try LinkRemittances(open.entity).run(in: $0, at: $1) }
    guard !linked.isEmpty else { return print("advices linked to their receipts: 0") }
    let report = try await open.day(.today).applyCash(only: linked)
    print("advices linked to their receipts: \(linked.count); applied by them \(report.applied), left to a person \(report.queued)")
}

/// - Errors: `ValidationError` for a code that is not in ISO 4217.
func knownCurrency(_ code: String) throws -> Currency {
    guard let known = Currency(code.uppercased()) else { throw ValidationError("--currency \(code) is not in ISO 4217") }
    return known
}

extension Finding {
    var told: String { "finding\(line.map { ", line \($0)" } ?? ""): \(message.printable)" }
}

/// Reads the mapping of a CSV file.
///
/// - Errors: `Failure` naming the setting that is unknown or wrong.
func remittanceTable(_ path: String) throws -> RemittanceTable {
    let settings: TOMLTable
    do { settings = try TOMLTable(string: try String(contentsOfFile: path, encoding: .utf8)) } catch let error as TOMLParseError {
        throw Failure("\(path), line \(error.source.begin.line): \(error.description)")
    }
    let known = ["delimiter", "decimal", "dates", "currency", "columns"]
    if let stranger = settings.keys.first(where: { !known.contains($0) }) {
        throw Failure("\(path): \(stranger) is not a setting; known: \(known.joined(separator: ", "))")
    }
    guard let columns = settings["columns"]?.table else {
        throw Failure("\(path): [columns] is missing: it says which column is which field")
    }
    var fields: [RemittanceTable.Field: String] = [:]
    for key in columns.keys {
        guard let field = RemittanceTable.Field(rawValue: key) else {
            throw Failure(
                "\(path): \(key) is no field; known: \(RemittanceTable.Field.allCases.map(\.rawValue).sorted().joined(separator: ", "))")
        }
        guard let name = columns[key]?.string else { throw Failure("\(path): \(key): the name of a column is wanted, in quotes") }
        fields[field] = name
    }
    guard fields[.document] != nil else { throw Failure("\(path): [columns] names no document") }
    func mark(_ key: String, _ otherwise: Character) throws -> Character {
        guard let text = settings[key]?.string else { return otherwise }
        guard text.count == 1, let character = text.first else { throw Failure("\(path): \(key): one character is wanted") }
        return character
    }
    var table = RemittanceTable(delimiter: try mark("delimiter", ","), decimal: try mark("decimal", "."), columns: fields)
    if let text = settings["dates"]?.string {
        guard let shape = RemittanceTable.DateShape(rawValue: text) else {
            throw Failure("\(path): dates: one of \(RemittanceTable.DateShape.allCases.map(\.rawValue).joined(separator: ", ")) is wanted")
        }
        table.dates = shape
    }
    table.currency = try settings["currency"]?.string.map(knownCurrency)
    return table
}

private func isPDF(_ path: String) throws -> Bool {
    let file = try InputFile(path: path)
    var head = [UInt8](repeating: 0, count: 5)
    _ = try head.withUnsafeMutableBytes { try file.read(into: $0) }
    return head == Array("%PDF-".utf8)
}

/// Lets `pdftotext` lay out the text of a PDF in a file of its own, bounded in time, memory and size, and hands that file to `body`.
private func withPDFText<Result>(_ path: String, _ body: (String) throws -> Result) throws -> Result {
    let input = try unpacked(path)
    defer { unlink(input) }
    let output = FileManager.default.temporaryDirectory.appendingPathComponent("florin-\(UUID().uuidString).txt").path
    defer { unlink(output) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
        "prlimit", "--cpu=20", "--as=1073741824", "--fsize=8388608", "pdftotext", "-q", "-layout", "-enc", "UTF-8", "-l", "500",
        input, output,
    ]
    process.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus != 127 else {
        throw FileFault(
            path: path, "reading a PDF needs pdftotext within its bounds: apt-get install poppler-utils, or ask for the advice as text")
    }
    guard process.terminationStatus == 0 else {
        throw FileFault(path: path, "pdftotext cannot read it: it is damaged, locked or too large")
    }
    return try body(output)
}

/// A copy of a file that may be gzipped or in an archive, for another program to read; nothing of it stays when it is refused.
private func unpacked(_ path: String) throws -> String {
    let copy = FileManager.default.temporaryDirectory.appendingPathComponent("florin-\(UUID().uuidString).pdf").path
    let file = try InputFile(path: path, bound: .whole), descriptor = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileFault(path: path, "cannot be unpacked: no file can be made in \(NSTemporaryDirectory())") }
    let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
        var block = Data(count: 1 << 16)
        while true {
            let count = try block.withUnsafeMutableBytes { try file.read(into: $0) }
            guard count > 0 else { return copy }
            try output.write(contentsOf: block.prefix(count))
        }
    } catch {
        unlink(copy)
        throw error
    }
}
