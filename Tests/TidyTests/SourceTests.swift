import Foundation
import Testing

/// The house's rules for how its code stands: floors, sizes, words that must not come in. A limit only ever goes down.
@Suite struct SourceTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private struct Source: CustomTestStringConvertible, Sendable {
        let path: String
        let lines: [String]
        var floor: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
        var testDescription: String { path }
    }

    private static let sources: [Source] = ["Sources", "Tests"].flatMap { folder -> [Source] in
        let at = root.appending(path: folder)
        let found = FileManager.default.enumerator(at: at, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
        return found.filter { $0.pathExtension == "swift" }.sorted { $0.path() < $1.path() }.compactMap { url in
            guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
            let path = String(url.path(percentEncoded: false).dropFirst(root.path(percentEncoded: false).count))
            return Source(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }
    }
    private static var product: [Source] { sources.filter { $0.path.hasPrefix("Sources/") } }

    /// What each floor may import of the others: arrows run downward only.
    private static let below: [String: Set<String>] = [
        "Domain": [], "Formats": ["Domain"], "Store": ["Domain"], "Operations": ["Domain", "Store"], "Simulation": ["Domain"],
        "Connectors": ["Domain", "Formats", "Store", "Operations"], "Web": ["Domain", "Formats", "Store", "Operations"],
    ]

    @Test func theFloorsSeeOnlyWhatIsBelow() {
        let floors = Set(Self.below.keys)
        for source in Self.product {
            guard let allowed = Self.below[source.floor] else { continue }
            for line in source.lines where line.hasPrefix("import ") {
                let module = line.dropFirst(7).split(separator: " ").last.map(String.init) ?? ""
                #expect(!floors.contains(module) || allowed.contains(module) || module == source.floor, "\(source.path) imports \(module)")
                #expect(source.floor != "Domain", "\(source.path): Domain imports nothing, not \(module)")
            }
        }
    }

    @Test func filesAndLinesStayReadable() {
        for source in Self.sources {
            #expect(source.lines.count <= 401, "\(source.path) has \(source.lines.count) lines")
            for (at, line) in source.lines.enumerated() where line.count > 240 {
                Issue.record("\(source.path):\(at + 1) has \(line.count) columns")
            }
        }
        let counts = Self.product.map(\.lines.count).sorted()
        #expect(counts[counts.count / 2] <= 110 && counts[counts.count * 9 / 10] <= 250, "median \(counts[counts.count / 2])")
    }

    @Test func functionsStayShort() throws {
        let opening = try Regex(
            #"^( *)(?:@\w+(?:\([^)]*\))? )*(?:package |public |private |fileprivate |static |mutating |override )*(?:func \w|init[?(<])"#)
        for source in Self.sources {
            var open: (line: Int, indent: Int)?
            for (at, line) in source.lines.enumerated() {
                if let begun = open {
                    if line == String(repeating: " ", count: begun.indent) + "}" {
                        #expect(at - begun.line < 61, "\(source.path):\(begun.line + 1) has \(at - begun.line + 1) lines")
                        open = nil
                    }
                } else if let match = try opening.firstMatch(in: line), !line.hasSuffix("}") {
                    open = (at, match.output[1].substring?.count ?? 0)
                }
            }
        }
    }

    /// Words that stand for something the house does not do, and where they would be right all the same.
    private static let banned: [(pattern: String, why: String, floors: Set<String>?)] = [
        (#"\b(TODO|FIXME|XXX|HACK)\b"#, "nothing is left half done", nil),
        (#"\btry!"#, "an error is thrown or answered", nil), (#"\bas! "#, "a cast that may trap", nil),
        (#"fatalError\("#, "precondition says what was wrong", nil),
        (#"catch \{ *\}"#, "no silent catch", nil),
        (#"\b(struct|class|enum|actor|protocol) \w*(Manager|Helper|Util|Utils|Service|DTO|Impl)\b"#, "a name that says nothing", nil),
        (#"\b(Date\(\)|UUID\(\)|\.random\()"#, "time and chance are passed in", ["Domain", "Operations", "Formats", "Simulation"]),
        (#"\b(Double|Float|CGFloat)\b"#, "no binary floating point near money", ["Domain", "Operations", "Formats", "Store"]),
        (#"\bURLSession\b|\bXMLDocument\b|Task\.sleep"#, "kept out of the core", ["Domain", "Operations", "Formats", "Store"]),
        (#"@unchecked Sendable"#, "the compiler proves what is shared", ["Domain", "Operations", "Formats", "Web"]),
    ]

    @Test func bannedWordsStayOut() throws {
        for (pattern, why, floors) in Self.banned {
            let regex = try Regex(pattern)
            for source in Self.product where floors?.contains(source.floor) ?? true {
                for (at, line) in source.lines.enumerated() where !line.contains("//") {
                    if try regex.firstMatch(in: line) != nil { Issue.record("\(source.path):\(at + 1): \(why)") }
                }
            }
        }
    }

    /// What SQLite and PostgreSQL (and Citus) do not do alike never stands in an operation's SQL.
    private static let bannedSQL = [
        #"\bFOR UPDATE\b"#, #"\bnow\(\)"#, #"\bINTERVAL\b"#, #"\bgreatest\("#, #"\bGROUP_CONCAT\("#, #"\bSTRING_AGG\("#, #"\bILIKE\b"#,
        #"\bDISTINCT ON\b"#, #"\bLATERAL\b"#,
        #"\bjson_extract\("#, #"\bSERIAL\b"#, #"\bGENERATED\b"#, #"\bRANDOM\("#, #"\bAVG\("#, #"\bMERGE INTO\b"#, #"\bTRUNCATE\b"#,
        #"\bUSING \w+ WHERE\b"#,
    ]

    @Test func theSQLIsCommonToBothEngines() throws {
        for pattern in Self.bannedSQL {
            let regex = try Regex(pattern)
            for source in Self.product where source.floor == "Operations" {
                for (at, line) in source.lines.enumerated() where !line.contains("///") {
                    if try regex.firstMatch(in: line) != nil {
                        Issue.record("\(source.path):\(at + 1): \(pattern) is not common to the engines")
                    }
                }
            }
        }
    }

    /// Every statement names the legal entity: it is what the tables are divided by. Three are put together from parts that name it.
    @Test func everyStatementNamesTheLegalEntity() throws {
        let statement = try Regex(
            #""""\s*\n\s*(?:(?:SELECT|UPDATE|INSERT INTO|DELETE FROM|WITH) [^"]*)"|"(?:SELECT|UPDATE|INSERT INTO|DELETE FROM|WITH) [^"\n]*"#
        )
        var count = 0
        for source in Self.product where source.floor == "Operations" {
            for found in source.lines.joined(separator: "\n").matches(of: statement) {
                let text = found.output[0].substring ?? ""
                count += 1
                #expect(
                    text.contains("entity_id") || text.contains("\\(source)") || text.contains("joined(separator:"),
                    "\(source.path): \(text)")
            }
        }
        #expect(count > 150)
    }

    @Test func theHouseHasItsDocuments() {
        for path in ["README.md", "CHANGELOG.md", "docs/architecture.md", "docs/decisions.md", "docs/vocabulary.md", ".swift-format"] {
            #expect(
                FileManager.default.fileExists(atPath: Self.root.appending(path: path).path(percentEncoded: false)), "\(path) is missing")
        }
        let readme = (try? String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)) ?? ""
        #expect(readme.split(separator: "\n", omittingEmptySubsequences: false).count <= 81)
    }
}
