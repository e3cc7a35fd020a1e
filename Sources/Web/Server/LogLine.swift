import Domain

/// One line of the log: a JSON object whose texts are as they are shown, so that no text of others breaks the line or turns it around.
package func logLine(_ fields: [(name: String, value: String)]) -> String {
    JSON.object(fields.map { .init($0.name, .text($0.value.shown)) }).line + "\n"
}
