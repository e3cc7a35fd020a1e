import Foundation
import Testing

/// Compares with the file of that name in `Snapshots`; `FLORIN_RECORD=1` writes it anew, for a person to look at in the change.
func expectSnapshot(_ text: String, _ name: String, _ location: SourceLocation = #_sourceLocation) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots/\(name)")
    if ProcessInfo.processInfo.environment["FLORIN_RECORD"] == "1" {
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return
    }
    let known = try String(contentsOf: file, encoding: .utf8)
    guard known != text else { return }
    let at = zip(known, text).prefix { $0 == $1 }.count
    Issue.record("\(name) differs from character \(at): …\(text.dropFirst(max(0, at - 40)).prefix(120))…", sourceLocation: location)
}
