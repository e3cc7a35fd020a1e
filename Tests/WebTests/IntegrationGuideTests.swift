import Domain
import Foundation
import Operations
import TestSupport
import Testing

@testable import Web

/// The examples of docs/integration.md, run as a reader runs them: in their order, by a shell.
@Suite struct IntegrationGuideTests {
    @Test func everyExampleWorks() async throws {
        let guide = URL(filePath: #filePath).appending(path: "../../../docs/integration.md").standardized
        let blocks = try String(contentsOf: guide, encoding: .utf8).components(separatedBy: "```sh\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        try #require(blocks.count >= 7)
        let script = "set -euo pipefail\n" + blocks.joined(separator: "\necho\n")
        try await LiveServer.run(.sqlite) { server in
            let (code, output) = try await run(
                script,
                [
                    "FLORIN": "http://127.0.0.1:\(server.port)", "KEY": server.keys[.clerk] ?? "",
                    "CONTROLLER": server.keys[.controller] ?? "",
                ])
            #expect(code == 0, "\(output)")
            // Each example did what it says: the order was billed, and the money that names it is in the feed.
            for word in [
                "\"outcome\":\"placed\"", "\"terms_days\":14", "1 invoice and 0 credit notes issued", "\"state\":\"dispute\"",
                "\"type\":\"receipt.recorded\"",
                "id,number,channel", "\"outcome\":\"created\",\"id\":\"cus_", "\"line\":2", "\"debit\":{\"minor\":",
            ] { #expect(output.contains(word), "\(word) in \(output)") }
        }
    }

    private func run(_ script: String, _ environment: [String: String]) async throws -> (Int32, String) {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", script]
        process.environment = environment.merging(["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]) { first, _ in
            first
        }
        (process.standardOutput, process.standardError) = (pipe, pipe)
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = {
                continuation.resume(
                    returning: ($0.terminationStatus, String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)))
            }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }
}
