<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>QTreeView</name>
    <message>
        <source>Tensors</source>
        <translation>Tensoren</translation>
    </message>
</context>
<context>
    <name>main</name>
    <message>
        <source>Tells whether a model checkpoint carries what its papers say.</source>
        <translation>Sagt, ob ein Modell-Checkpoint trägt, was seine Papiere versprechen.</translation>
    </message>
    <message>
        <source>Colours: light, dark or system.</source>
        <translation>Farben: light (hell), dark (dunkel) oder system.</translation>
    </message>
    <message>
        <source>Files, folders and addresses to open, as if they had been dropped on the window.</source>
        <translation>Dateien, Ordner und Adressen, die geöffnet werden, als wären sie auf das Fenster gezogen worden.</translation>
    </message>
</context>
<context>
    <name>weighbridge</name>
    <message>
        <source>%1 more</source>
        <translation>%1 weitere</translation>
    </message>
    <message>
        <source>Buffers</source>
        <translation>Puffer</translation>
    </message>
    <message>
        <source>%1 · %2 numbers</source>
        <translation>%1 · %2 Zahlen</translation>
    </message>
    <message>
        <source>Metadata</source>
        <translation>Metadaten</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>CRC-32 per entry</source>
        <translation>CRC-32 je Eintrag</translation>
    </message>
    <message>
        <source>CRC-32C per tensor</source>
        <translation>CRC-32C je Tensor</translation>
    </message>
    <message>
        <source>only where the writer chose it</source>
        <translation>nur wo der Schreiber es wollte</translation>
    </message>
    <message>
        <source>none in this format</source>
        <translation>keine in diesem Format</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Tensors</source>
        <translation>Tensoren</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Shards</source>
        <translation>Shards</translation>
    </message>
    <message>
        <source>dtype</source>
        <translation>dtype</translation>
    </message>
    <message>
        <source>Checksum</source>
        <translation>Prüfsumme</translation>
    </message>
    <message>
        <source>all others</source>
        <translation>alle anderen</translation>
    </message>
    <message>
        <source>Next token</source>
        <translation>Nächstes Token</translation>
    </message>
    <message>
        <source>Predictions for the hidden token %1</source>
        <translation>Vorhersagen für das verdeckte Token %1</translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation>Ausgaben</translation>
    </message>
    <message>
        <source>mean %1, std %2</source>
        <translation>Mittel %1, Std. %2</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>Laden</translation>
    </message>
    <message>
        <source>%1, %2 read</source>
        <translation>%1, %2 gelesen</translation>
    </message>
    <message>
        <source>First pass</source>
        <translation>Erster Durchlauf</translation>
    </message>
    <message>
        <source>Median of %1</source>
        <translation>Median von %1</translation>
    </message>
    <message>
        <source>Fastest</source>
        <translation>Schnellster</translation>
    </message>
    <message>
        <source>Tokens per second</source>
        <translation>Tokens je Sekunde</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>Speicher höchstens</translation>
    </message>
    <message>
        <source>present</source>
        <translation>vorhanden</translation>
    </message>
    <message>
        <source>matched</source>
        <translation>passend</translation>
    </message>
    <message>
        <source>ignored</source>
        <translation>ohne Belang</translation>
    </message>
    <message>
        <source>renamed</source>
        <translation>umbenannt</translation>
    </message>
    <message>
        <source>shape</source>
        <translation>Form</translation>
    </message>
    <message>
        <source>undecidable</source>
        <translation>unklar</translation>
    </message>
    <message>
        <source>unexpected</source>
        <translation>unerwartet</translation>
    </message>
    <message>
        <source>zero</source>
        <translation>nur null</translation>
    </message>
    <message>
        <source>never trained</source>
        <translation>nie trainiert</translation>
    </message>
    <message>
        <source>NaN, Inf</source>
        <translation>NaN, Inf</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>fehlend</translation>
    </message>
    <message>
        <source>lost</source>
        <translation>verloren</translation>
    </message>
    <message>
        <source>In the file. Nothing is known of what is expected.</source>
        <translation>In der Datei. Was erwartet wird, ist nicht bekannt.</translation>
    </message>
    <message>
        <source>Expected and found, with the same shape.</source>
        <translation>Erwartet und gefunden, mit gleicher Form.</translation>
    </message>
    <message>
        <source>Differs, but the loader says nothing about it. Safe to ignore.</source>
        <translation>Weicht ab, doch der Lader sagt nichts dazu. Unbedenklich.</translation>
    </message>
    <message>
        <source>The loader itself maps the name in the file to this one.</source>
        <translation>Der Lader selbst bildet den Namen der Datei auf diesen ab.</translation>
    </message>
    <message>
        <source>The file holds another dtype than is expected.</source>
        <translation>Die Datei enthält einen anderen dtype als erwartet.</translation>
    </message>
    <message>
        <source>The values cannot tell whether it was trained.</source>
        <translation>Die Werte verraten nicht, ob er trainiert wurde.</translation>
    </message>
    <message>
        <source>In the file, but the model has no tensor of this name.</source>
        <translation>In der Datei, doch das Modell hat keinen Tensor dieses Namens.</translation>
    </message>
    <message>
        <source>The file holds another shape than is expected.</source>
        <translation>Die Datei enthält eine andere Form als erwartet.</translation>
    </message>
    <message>
        <source>All values are 0.</source>
        <translation>Alle Werte sind 0.</translation>
    </message>
    <message>
        <source>The values look as an initialiser leaves them: never trained, or never loaded.</source>
        <translation>Die Werte sehen aus, wie eine Initialisierung sie hinterlässt: nie trainiert oder nie geladen.</translation>
    </message>
    <message>
        <source>Holds NaN or infinite values.</source>
        <translation>Enthält NaN oder unendliche Werte.</translation>
    </message>
    <message>
        <source>The model expects it, the file does not hold it.</source>
        <translation>Das Modell erwartet ihn, die Datei enthält ihn nicht.</translation>
    </message>
    <message>
        <source>The header names it, but its bytes are not in the file.</source>
        <translation>Der Kopf nennt ihn, doch seine Bytes sind nicht in der Datei.</translation>
    </message>
    <message>
        <source>%1 bytes</source>
        <translation>%1 Bytes</translation>
    </message>
    <message>
        <source>(no name)</source>
        <translation>(kein Name)</translation>
    </message>
    <message>
        <source>mean %1, std %2, min %3, max %4</source>
        <translation>Mittel %1, Std. %2, Min. %3, Max. %4</translation>
    </message>
    <message>
        <source>, %1 NaN, %2 Inf</source>
        <translation>, %1 NaN, %2 Inf</translation>
    </message>
    <message>
        <source>Export report</source>
        <translation>Bericht exportieren</translation>
    </message>
    <message>
        <source>The report is printed</source>
        <translation>Der Bericht ist gedruckt</translation>
    </message>
    <message>
        <source>Wrote %1</source>
        <translation>%1 geschrieben</translation>
    </message>
    <message>
        <source>%1, more than is free</source>
        <translation>%1, mehr als frei ist</translation>
    </message>
    <message>
        <source>free on this machine</source>
        <translation>auf diesem Rechner frei</translation>
    </message>
    <message>
        <source>Loss with one layer left out, of sentences that have %1 with all</source>
        <translation>Loss mit einer ausgelassenen Schicht, von Sätzen, die mit allen %1 haben</translation>
    </message>
    <message>
        <source>%1: not missed</source>
        <translation>%1: wird nicht vermisst</translation>
    </message>
    <message>
        <source>memory unknown</source>
        <translation>Speicher unbekannt</translation>
    </message>
    <message>
        <source>%1 free</source>
        <translation>%1 frei</translation>
    </message>
    <message>
        <source>%1 in all</source>
        <translation>%1 insgesamt</translation>
    </message>
    <message>
        <source>has room for</source>
        <translation>hat Platz für</translation>
    </message>
    <message>
        <source>all of these</source>
        <translation>alles davon</translation>
    </message>
    <message>
        <source>none of these</source>
        <translation>nichts davon</translation>
    </message>
    <message>
        <source>has no room for</source>
        <translation>hat keinen Platz für</translation>
    </message>
    <message>
        <source>%1 already exists. Replace it?</source>
        <translation>%1 gibt es schon. Ersetzen?</translation>
    </message>
    <message>
        <source>%1-report</source>
        <translation>%1-Bericht</translation>
    </message>
    <message>
        <source>Tied</source>
        <translation>Gebunden</translation>
    </message>
    <message>
        <source>%1 more, stored once</source>
        <translation>%1 weitere, einmal gespeichert</translation>
    </message>
    <message>
        <source>tied</source>
        <translation>gebunden</translation>
    </message>
    <message>
        <source>Not in the file: its values are those of a tensor that is, and stored once.</source>
        <translation>Nicht in der Datei: Die Werte sind die eines Tensors, der es ist, und einmal gespeichert.</translation>
    </message>
    <message>
        <source>Tied to %1: its values are stored once, under that name.</source>
        <translation>An %1 gebunden: Die Werte sind einmal gespeichert, unter diesem Namen.</translation>
    </message>
</context>
<context>
    <name>weighbridge::Actions</name>
    <message>
        <source>&amp;Open…</source>
        <translation>Ö&amp;ffnen…</translation>
    </message>
    <message>
        <source>Open checkpoints and configs</source>
        <translation>Checkpoints und Configs öffnen</translation>
    </message>
    <message>
        <source>Open &amp;folder…</source>
        <translation>&amp;Ordner öffnen…</translation>
    </message>
    <message>
        <source>Open a model folder or a sharded checkpoint</source>
        <translation>Einen Modellordner oder einen Checkpoint aus mehreren Shards öffnen</translation>
    </message>
    <message>
        <source>Use a &amp;config…</source>
        <translation>&amp;Config verwenden…</translation>
    </message>
    <message>
        <source>Compare the checkpoint with another config</source>
        <translation>Den Checkpoint mit einer anderen Config vergleichen</translation>
    </message>
    <message>
        <source>Use a &amp;reference checkpoint…</source>
        <translation>&amp;Referenz-Checkpoint verwenden…</translation>
    </message>
    <message>
        <source>Compare names and shapes with another checkpoint instead of a config</source>
        <translation>Namen und Formen mit einem anderen Checkpoint statt mit einer Config vergleichen</translation>
    </message>
    <message>
        <source>Compare &amp;with…</source>
        <translation>&amp;Vergleichen mit…</translation>
    </message>
    <message>
        <source>Compare names, shapes and values with another checkpoint</source>
        <translation>Namen, Formen und Werte mit einem anderen Checkpoint vergleichen</translation>
    </message>
    <message>
        <source>&amp;New window</source>
        <translation>&amp;Neues Fenster</translation>
    </message>
    <message>
        <source>Open another window</source>
        <translation>Ein weiteres Fenster öffnen</translation>
    </message>
    <message>
        <source>Re&amp;load</source>
        <translation>Neu &amp;laden</translation>
    </message>
    <message>
        <source>Read the file anew</source>
        <translation>Die Datei neu lesen</translation>
    </message>
    <message>
        <source>&amp;Export report…</source>
        <translation>Bericht &amp;exportieren…</translation>
    </message>
    <message>
        <source>Write what was found to a PDF, web page, Markdown or JSON file</source>
        <translation>Was gefunden wurde, als PDF, Webseite, Markdown oder JSON schreiben</translation>
    </message>
    <message>
        <source>&amp;Print report…</source>
        <translation>Bericht &amp;drucken…</translation>
    </message>
    <message>
        <source>Print what was found</source>
        <translation>Drucken, was gefunden wurde</translation>
    </message>
    <message>
        <source>&amp;Close window</source>
        <translation>Fenster &amp;schließen</translation>
    </message>
    <message>
        <source>Close this window</source>
        <translation>Dieses Fenster schließen</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>Close all windows</source>
        <translation>Alle Fenster schließen</translation>
    </message>
    <message>
        <source>&amp;Save repaired copy…</source>
        <translation>&amp;Reparierte Kopie speichern…</translation>
    </message>
    <message>
        <source>Write a copy in which the fixes are made; the file stays as it is</source>
        <translation>Eine Kopie schreiben, in der die Fehler behoben sind; die Datei bleibt, wie sie ist</translation>
    </message>
    <message>
        <source>E&amp;xport tensors…</source>
        <translation>&amp;Tensoren exportieren…</translation>
    </message>
    <message>
        <source>Write the selected tensors to a .npy, CSV or safetensors file</source>
        <translation>Die gewählten Tensoren in eine .npy-, CSV- oder safetensors-Datei schreiben</translation>
    </message>
    <message>
        <source>&amp;Copy names</source>
        <translation>&amp;Namen kopieren</translation>
    </message>
    <message>
        <source>Copy the names of the selected tensors</source>
        <translation>Die Namen der gewählten Tensoren kopieren</translation>
    </message>
    <message>
        <source>Copy &amp;rows</source>
        <translation>&amp;Zeilen kopieren</translation>
    </message>
    <message>
        <source>Copy the selected rows, separated by tabs</source>
        <translation>Die gewählten Zeilen kopieren, durch Tabulatoren getrennt</translation>
    </message>
    <message>
        <source>Copy as &amp;Markdown</source>
        <translation>Als &amp;Markdown kopieren</translation>
    </message>
    <message>
        <source>Copy the selected rows as a Markdown table</source>
        <translation>Die gewählten Zeilen als Markdown-Tabelle kopieren</translation>
    </message>
    <message>
        <source>Copy &amp;shape</source>
        <translation>&amp;Form kopieren</translation>
    </message>
    <message>
        <source>Copy the shapes of the selected tensors as lists</source>
        <translation>Die Formen der gewählten Tensoren als Listen kopieren</translation>
    </message>
    <message>
        <source>Copy P&amp;ython</source>
        <translation>&amp;Python kopieren</translation>
    </message>
    <message>
        <source>Copy Python that loads just the selected tensor</source>
        <translation>Python kopieren, das nur den gewählten Tensor lädt</translation>
    </message>
    <message>
        <source>Copy &amp;fix</source>
        <translation>&amp;Korrektur kopieren</translation>
    </message>
    <message>
        <source>Copy the Python that repairs the checkpoint</source>
        <translation>Das Python kopieren, das den Checkpoint repariert</translation>
    </message>
    <message>
        <source>&amp;Find</source>
        <translation>&amp;Suchen</translation>
    </message>
    <message>
        <source>Find tensors by name, dtype, shape or state</source>
        <translation>Tensoren nach Name, dtype, Form oder Zustand suchen</translation>
    </message>
    <message>
        <source>Command &amp;palette…</source>
        <translation>Befehls&amp;palette…</translation>
    </message>
    <message>
        <source>Find a command, a finding, a module or a tensor by its name</source>
        <translation>Einen Befehl, Befund, ein Modul oder einen Tensor nach dem Namen finden</translation>
    </message>
    <message>
        <source>&amp;As it loads</source>
        <translation>&amp;Wie es lädt</translation>
    </message>
    <message>
        <source>Show the tensors as a loader sees them now</source>
        <translation>Die Tensoren zeigen, wie ein Lader sie jetzt sieht</translation>
    </message>
    <message>
        <source>After the &amp;fix</source>
        <translation>Nach der &amp;Korrektur</translation>
    </message>
    <message>
        <source>Show the tensors as a loader would see them after the fix</source>
        <translation>Die Tensoren zeigen, wie ein Lader sie nach der Korrektur sähe</translation>
    </message>
    <message>
        <source>Only &amp;differences</source>
        <translation>Nur &amp;Unterschiede</translation>
    </message>
    <message>
        <source>Leave out what is the same in A and B</source>
        <translation>Weglassen, was in A und B gleich ist</translation>
    </message>
    <message>
        <source>&amp;Swap A and B</source>
        <translation>A und B &amp;tauschen</translation>
    </message>
    <message>
        <source>Compare the other way round</source>
        <translation>Andersherum vergleichen</translation>
    </message>
    <message>
        <source>&amp;Inspector</source>
        <translation>&amp;Inspektor</translation>
    </message>
    <message>
        <source>Show or hide the inspector</source>
        <translation>Den Inspektor zeigen oder verbergen</translation>
    </message>
    <message>
        <source>F&amp;ull screen</source>
        <translation>&amp;Vollbild</translation>
    </message>
    <message>
        <source>Use the whole screen</source>
        <translation>Den ganzen Bildschirm nutzen</translation>
    </message>
    <message>
        <source>&amp;Reset layout</source>
        <translation>&amp;Anordnung zurücksetzen</translation>
    </message>
    <message>
        <source>Give all panels their first sizes</source>
        <translation>Allen Bereichen ihre erste Größe geben</translation>
    </message>
    <message>
        <source>Like the &amp;desktop</source>
        <translation>Wie der &amp;Desktop</translation>
    </message>
    <message>
        <source>Follow the desktop&apos;s light or dark colours</source>
        <translation>Den hellen oder dunklen Farben des Desktops folgen</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>&amp;Hell</translation>
    </message>
    <message>
        <source>Light colours</source>
        <translation>Helle Farben</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>&amp;Dunkel</translation>
    </message>
    <message>
        <source>Dark colours</source>
        <translation>Dunkle Farben</translation>
    </message>
    <message>
        <source>&amp;Back</source>
        <translation>&amp;Zurück</translation>
    </message>
    <message>
        <source>Go back to what was selected before</source>
        <translation>Zurück zu dem, was vorher gewählt war</translation>
    </message>
    <message>
        <source>&amp;Forward</source>
        <translation>&amp;Vorwärts</translation>
    </message>
    <message>
        <source>Go forward again</source>
        <translation>Wieder vorwärts</translation>
    </message>
    <message>
        <source>&amp;Next deviation</source>
        <translation>&amp;Nächste Abweichung</translation>
    </message>
    <message>
        <source>Select the next tensor that deviates</source>
        <translation>Den nächsten Tensor wählen, der abweicht</translation>
    </message>
    <message>
        <source>&amp;Previous deviation</source>
        <translation>Vor&amp;herige Abweichung</translation>
    </message>
    <message>
        <source>Select the previous tensor that deviates</source>
        <translation>Den vorherigen Tensor wählen, der abweicht</translation>
    </message>
    <message>
        <source>Next pane&amp;l</source>
        <translation>Nächster &amp;Bereich</translation>
    </message>
    <message>
        <source>Move the keyboard to the next panel</source>
        <translation>Die Tastatur in den nächsten Bereich setzen</translation>
    </message>
    <message>
        <source>Previous p&amp;anel</source>
        <translation>Vorheriger B&amp;ereich</translation>
    </message>
    <message>
        <source>Move the keyboard to the previous panel</source>
        <translation>Die Tastatur in den vorherigen Bereich setzen</translation>
    </message>
    <message>
        <source>&amp;Run the sample</source>
        <translation>Beispiel &amp;ausführen</translation>
    </message>
    <message>
        <source>Run the sample input through the checkpoint</source>
        <translation>Die Beispieleingabe durch den Checkpoint schicken</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>An&amp;halten</translation>
    </message>
    <message>
        <source>Stop what is being read; what has come stays</source>
        <translation>Das Lesen anhalten; was da ist, bleibt</translation>
    </message>
    <message>
        <source>&amp;Clear this list</source>
        <translation>Liste &amp;leeren</translation>
    </message>
    <message>
        <source>Forget the recent files</source>
        <translation>Die zuletzt geöffneten Dateien vergessen</translation>
    </message>
    <message>
        <source>Se&amp;ttings…</source>
        <translation>&amp;Einstellungen…</translation>
    </message>
    <message>
        <source>Language, what is computed unasked, what is remembered, the limits</source>
        <translation>Sprache, was ungefragt berechnet wird, was behalten wird, die Grenzen</translation>
    </message>
    <message>
        <source>&amp;About Weighbridge</source>
        <translation>Ü&amp;ber Weighbridge</translation>
    </message>
    <message>
        <source>Version and licence</source>
        <translation>Version und Lizenz</translation>
    </message>
    <message>
        <source>&amp;Manual</source>
        <translation>&amp;Handbuch</translation>
    </message>
    <message>
        <source>Open the manual at what is shown</source>
        <translation>Das Handbuch bei dem öffnen, was gezeigt wird</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>&amp;Tastenkürzel</translation>
    </message>
    <message>
        <source>List all keys</source>
        <translation>Alle Tasten auflisten</translation>
    </message>
    <message>
        <source>&amp;Structure</source>
        <translation>&amp;Struktur</translation>
    </message>
    <message>
        <source>Layer tree, shapes, dtypes and findings</source>
        <translation>Schichtbaum, Formen, dtypes und Befunde</translation>
    </message>
    <message>
        <source>&amp;Weights</source>
        <translation>&amp;Gewichte</translation>
    </message>
    <message>
        <source>Statistics and histograms of the values</source>
        <translation>Statistik und Histogramme der Werte</translation>
    </message>
    <message>
        <source>&amp;Compare</source>
        <translation>&amp;Vergleich</translation>
    </message>
    <message>
        <source>Compare with another checkpoint</source>
        <translation>Mit einem anderen Checkpoint vergleichen</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>&amp;Lauf</translation>
    </message>
    <message>
        <source>Run a sample through the checkpoint</source>
        <translation>Ein Beispiel durch den Checkpoint schicken</translation>
    </message>
    <message>
        <source>Recent file</source>
        <translation>Zuletzt geöffnete Datei</translation>
    </message>
    <message>
        <source>Open a file that was open before</source>
        <translation>Eine Datei öffnen, die schon offen war</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>&amp;Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>&amp;Go</source>
        <translation>&amp;Gehe zu</translation>
    </message>
    <message>
        <source>&amp;Tools</source>
        <translation>&amp;Werkzeuge</translation>
    </message>
    <message>
        <source>&amp;Window</source>
        <translation>&amp;Fenster</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>Open &amp;address…</source>
        <translation>&amp;Adresse öffnen…</translation>
    </message>
    <message>
        <source>&amp;Fetch all values</source>
        <translation>Alle &amp;Werte holen</translation>
    </message>
    <message>
        <source>Fetch the values of all tensors from the address and compute their statistics</source>
        <translation>Die Werte aller Tensoren von der Adresse holen und ihre Statistik berechnen</translation>
    </message>
    <message>
        <source>Open a model of the hub, a file of a web server, or what lies on another machine</source>
        <translation>Ein Modell des Hubs, eine Datei eines Webservers oder etwas auf einem anderen Rechner öffnen</translation>
    </message>
    <message>
        <source>Open on another &amp;machine…</source>
        <translation>Auf einem anderen &amp;Rechner öffnen…</translation>
    </message>
    <message>
        <source>Look around on a machine that ssh reaches, and open what lies there</source>
        <translation>Auf einem Rechner umsehen, den ssh erreicht, und öffnen, was dort liegt</translation>
    </message>
    <message>
        <source>Use s&amp;tatistics…</source>
        <translation>S&amp;tatistik verwenden…</translation>
    </message>
    <message>
        <source>Show statistics that stats -o or merge -o computed, instead of reading the values</source>
        <translation>Statistik zeigen, die stats -o oder merge -o berechnet hat, statt die Werte zu lesen</translation>
    </message>
    <message>
        <source>Use a r&amp;eference on another machine…</source>
        <translation>R&amp;eferenz auf einem anderen Rechner verwenden…</translation>
    </message>
    <message>
        <source>Compare names and shapes with a checkpoint on a machine that ssh reaches, instead of a config</source>
        <translation>Namen und Formen statt mit einer Config mit einem Checkpoint auf einem Rechner vergleichen, den ssh erreicht</translation>
    </message>
    <message>
        <source>Compare with &amp;one on another machine…</source>
        <translation>Mit einem auf einem anderen &amp;Rechner vergleichen…</translation>
    </message>
    <message>
        <source>Look around on a machine that ssh reaches, and compare with a checkpoint there</source>
        <translation>Auf einem Rechner umsehen, den ssh erreicht, und mit einem Checkpoint dort vergleichen</translation>
    </message>
</context>
<context>
    <name>weighbridge::ActivationPlot</name>
    <message>
        <source>No layers</source>
        <translation>Keine Schichten</translation>
    </message>
    <message>
        <source>not a number</source>
        <translation>keine Zahl</translation>
    </message>
    <message>
        <source>From the embeddings on: %1</source>
        <translation>Von den Embeddings an: %1</translation>
    </message>
    <message>
        <source>layer %1   %2</source>
        <translation>Schicht %1   %2</translation>
    </message>
    <message>
        <source>after layer (0 = embeddings)</source>
        <translation>nach Schicht (0 = Embeddings)</translation>
    </message>
</context>
<context>
    <name>weighbridge::AddressDialog</name>
    <message>
        <source>Open address</source>
        <translation>Adresse öffnen</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Only the header, the config and the tokenizer are fetched from %1; values when you look at them.</source>
        <translation>Nur Kopf, Config und Tokenizer werden von %1 geholt; Werte, wenn Sie sie ansehen.</translation>
    </message>
    <message>
        <source>Nothing is sent anywhere before you press Open.</source>
        <translation>Nichts wird gesendet, bevor Sie Öffnen drücken.</translation>
    </message>
    <message>
        <source>hf:owner/model, ssh://host/path/to/model or https://host/path/model.safetensors</source>
        <translation>hf:besitzer/modell, ssh://rechner/pfad/zum/modell oder https://rechner/pfad/model.safetensors</translation>
    </message>
    <message>
        <source>A model of the hub, a file of any web server, or a file or folder of a machine that ssh reaches</source>
        <translation>Ein Modell des Hubs, eine Datei eines Webservers oder eine Datei oder ein Ordner eines Rechners, den ssh erreicht</translation>
    </message>
    <message>
        <source>%1 is reached through ssh, and opened by weighbridge-cli there: values stay there, except those that you look at.</source>
        <translation>%1 wird über ssh erreicht, und weighbridge-cli öffnet dort: Werte bleiben dort, bis auf die, die Sie ansehen.</translation>
    </message>
</context>
<context>
    <name>weighbridge::ChangeMap</name>
    <message>
        <source>Change by layer and kind</source>
        <translation>Änderung nach Schicht und Art</translation>
    </message>
    <message>
        <source>%1 layers, %2 kinds of tensor, changed by at most %3</source>
        <translation>%1 Schichten, %2 Arten von Tensoren, höchstens um %3 geändert</translation>
    </message>
    <message>
        <source>layer %1</source>
        <translation>Schicht %1</translation>
    </message>
    <message>
        <source>No layers that repeat</source>
        <translation>Keine Schichten, die sich wiederholen</translation>
    </message>
    <message>
        <source>No values of the layers were compared</source>
        <translation>Keine Werte der Schichten wurden verglichen</translation>
    </message>
    <message>
        <source>%1%2, %3</source>
        <translation>%1%2, %3</translation>
    </message>
    <message>
        <source>%1: changed by %2</source>
        <translation>%1: um %2 geändert</translation>
    </message>
    <message>
        <source>%1: not compared</source>
        <translation>%1: nicht verglichen</translation>
    </message>
</context>
<context>
    <name>weighbridge::ChangeOverDepth</name>
    <message>
        <source>Change over depth</source>
        <translation>Änderung über die Tiefe</translation>
    </message>
    <message>
        <source>Relative change of %1 layers, at most %2</source>
        <translation>Relative Änderung von %1 Schichten, höchstens %2</translation>
    </message>
    <message>
        <source>layer %1</source>
        <translation>Schicht %1</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>relative change, %</source>
        <translation>relative Änderung, %</translation>
    </message>
    <message>
        <source>The layers are the same in A and B</source>
        <translation>Die Schichten sind in A und B gleich</translation>
    </message>
</context>
<context>
    <name>weighbridge::CheckpointView</name>
    <message>
        <source>of %1 parameters are trained</source>
        <translation>von %1 Parametern sind trainiert</translation>
    </message>
    <message>
        <source>of %1 parameters load</source>
        <translation>von %1 Parametern laden</translation>
    </message>
    <message>
        <source>of %1 parameters load, now and after the fix</source>
        <translation>von %1 Parametern laden, jetzt und nach der Korrektur</translation>
    </message>
    <message>
        <source>%1: %2 tensors</source>
        <translation>%1: %2 Tensoren</translation>
    </message>
    <message>
        <source>Checking whether it fits</source>
        <translation>Prüft, ob es passt</translation>
    </message>
    <message>
        <source>%1 parameters</source>
        <translation>%1 Parameter</translation>
    </message>
    <message>
        <source>%1 expects %2 tensors</source>
        <translation>%1 erwartet %2 Tensoren</translation>
    </message>
    <message>
        <source>Drop a checkpoint to see whether it fits.</source>
        <translation>Einen Checkpoint hierher ziehen, um zu sehen, ob er passt.</translation>
    </message>
    <message>
        <source>%1, %2, %3</source>
        <translation>%1, %2, %3</translation>
    </message>
    <message>
        <source>%1 against %2</source>
        <translation>%1 gegen %2</translation>
    </message>
    <message>
        <source>Comparing the values</source>
        <translation>Vergleicht die Werte</translation>
    </message>
    <message>
        <source>relative change of all shared weights</source>
        <translation>relative Änderung aller gemeinsamen Gewichte</translation>
    </message>
    <message>
        <source>%1 changed on disk at %2. What you see is the state before.</source>
        <translation>%1 hat sich um %2 auf der Platte geändert. Zu sehen ist der Stand davor.</translation>
    </message>
    <message>
        <source>Reload   F5</source>
        <translation>Neu laden   F5</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Shown is what can still be read.</source>
        <translation>Gezeigt wird, was noch lesbar ist.</translation>
    </message>
    <message>
        <source>The copy was stopped; nothing of it was left.</source>
        <translation>Die Kopie wurde angehalten; nichts davon blieb übrig.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>%1 was written: %2 tensors, read back and compared.</source>
        <translation>%1 ist geschrieben: %2 Tensoren, zurückgelesen und verglichen.</translation>
    </message>
    <message>
        <source>Assumed: %1.</source>
        <translation>Angenommen: %1.</translation>
    </message>
    <message>
        <source>Still wrong: %1.</source>
        <translation>Noch falsch: %1.</translation>
    </message>
    <message>
        <source>Open the copy</source>
        <translation>Die Kopie öffnen</translation>
    </message>
    <message numerus="yes">
        <source>The statistics are those of %1, computed before: %n tensor(s), no values were read for them.</source>
        <translation>
            <numerusform>Die Statistik stammt aus %1, vorher berechnet: %n Tensor, kein Wert wurde dafür gelesen.</numerusform>
            <numerusform>Die Statistik stammt aus %1, vorher berechnet: %n Tensoren, kein Wert wurde dafür gelesen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n tensor(s) tied to another: stored once, under the other name</source>
        <translation>
            <numerusform>%n Tensor ist an einen anderen gebunden: einmal gespeichert, unter dessen Namen</numerusform>
            <numerusform>%n Tensoren sind an andere gebunden: einmal gespeichert, unter deren Namen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weighbridge::CommandPalette</name>
    <message>
        <source>Command palette</source>
        <translation>Befehlspalette</translation>
    </message>
    <message>
        <source>Command, finding, module or tensor</source>
        <translation>Befehl, Befund, Modul oder Tensor</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>Gefunden</translation>
    </message>
    <message>
        <source>finding</source>
        <translation>Befund</translation>
    </message>
    <message>
        <source>module</source>
        <translation>Modul</translation>
    </message>
    <message>
        <source>More than %1 tensors: type more, or use Find</source>
        <translation>Mehr als %1 Tensoren: mehr eingeben oder Suchen benutzen</translation>
    </message>
</context>
<context>
    <name>weighbridge::ComparePage</name>
    <message>
        <source>Tensors of A and B</source>
        <translation>Tensoren von A und B</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Only differences</source>
        <translation>Nur Unterschiede</translation>
    </message>
    <message>
        <source>Overlaid</source>
        <translation>Überlagert</translation>
    </message>
    <message>
        <source>Scatter A, B</source>
        <translation>Streuung A, B</translation>
    </message>
    <message>
        <source>Heat map</source>
        <translation>Heatmap</translation>
    </message>
    <message>
        <source>Tensors</source>
        <translation>Tensoren</translation>
    </message>
    <message>
        <source>Plot of the selected pair</source>
        <translation>Diagramm des gewählten Paars</translation>
    </message>
    <message>
        <source>Change over depth</source>
        <translation>Änderung über die Tiefe</translation>
    </message>
    <message>
        <source>Nothing to compare with yet</source>
        <translation>Noch nichts zum Vergleichen</translation>
    </message>
    <message>
        <source>Drop a second checkpoint on the upper half of the window, or open two files together. Any two formats can be compared. File &gt; Compare with one on another machine takes one that ssh reaches.</source>
        <translation>Einen zweiten Checkpoint auf die obere Hälfte des Fensters ziehen oder zwei Dateien zusammen öffnen. Beliebige Formate lassen sich vergleichen. Datei &gt; Mit einem auf einem anderen Rechner vergleichen nimmt einen, den ssh erreicht.</translation>
    </message>
    <message>
        <source>Compare with…</source>
        <translation>Vergleichen mit…</translation>
    </message>
    <message>
        <source>B cannot be compared</source>
        <translation>B kann nicht verglichen werden</translation>
    </message>
    <message>
        <source>Compare with another…</source>
        <translation>Mit einem anderen vergleichen…</translation>
    </message>
    <message>
        <source>Opening B</source>
        <translation>Öffnet B</translation>
    </message>
    <message>
        <source>Names and shapes first, then the values.</source>
        <translation>Erst Namen und Formen, dann die Werte.</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>%1 in both</source>
        <translation>%1 in beiden</translation>
    </message>
    <message>
        <source>%1 in A, %2 in B</source>
        <translation>%1 in A, %2 in B</translation>
    </message>
    <message>
        <source>in B: %1 (%2)</source>
        <translation>in B: %1 (%2)</translation>
    </message>
    <message>
        <source>cosine %1</source>
        <translation>Kosinus %1</translation>
    </message>
    <message>
        <source>no element differs</source>
        <translation>kein Element weicht ab</translation>
    </message>
    <message>
        <source>%1 of elements differ</source>
        <translation>%1 der Elemente weichen ab</translation>
    </message>
    <message>
        <source>first at [%1]</source>
        <translation>zuerst bei [%1]</translation>
    </message>
    <message>
        <source>No tensor is selected</source>
        <translation>Kein Tensor ist gewählt</translation>
    </message>
    <message>
        <source>Reading the values</source>
        <translation>Liest die Werte</translation>
    </message>
    <message>
        <source>Only one side has this tensor</source>
        <translation>Nur eine Seite hat diesen Tensor</translation>
    </message>
    <message>
        <source>sampled %1 of %2</source>
        <translation>Stichprobe %1 von %2</translation>
    </message>
    <message>
        <source>A std %1</source>
        <translation>A Std. %1</translation>
    </message>
    <message>
        <source>B std %1</source>
        <translation>B Std. %1</translation>
    </message>
    <message>
        <source>rmse %1</source>
        <translation>RMSE %1</translation>
    </message>
    <message>
        <source>max %1</source>
        <translation>Max. %1</translation>
    </message>
    <message>
        <source>Tensors of A over those of B</source>
        <translation>Tensoren von A über denen von B</translation>
    </message>
    <message>
        <source>, values stopped at %1</source>
        <translation>, Werte angehalten bei %1</translation>
    </message>
    <message>
        <source>, compared in %1 s</source>
        <translation>, verglichen in %1 s</translation>
    </message>
    <message>
        <source>changed by %1</source>
        <translation>um %1 geändert</translation>
    </message>
    <message>
        <source>%1, %2, %3</source>
        <translation>%1, %2, %3</translation>
    </message>
    <message>
        <source>transposed</source>
        <translation>transponiert</translation>
    </message>
</context>
<context>
    <name>weighbridge::CompareSummary</name>
    <message>
        <source>Kinds of differences</source>
        <translation>Arten von Unterschieden</translation>
    </message>
    <message>
        <source>field</source>
        <translation>Feld</translation>
    </message>
    <message>
        <source>A</source>
        <translation>A</translation>
    </message>
    <message>
        <source>B</source>
        <translation>B</translation>
    </message>
    <message>
        <source>Fields of the config that differ</source>
        <translation>Felder der Config, die sich unterscheiden</translation>
    </message>
    <message>
        <source>Differences</source>
        <translation>Unterschiede</translation>
    </message>
    <message>
        <source>Config</source>
        <translation>Config</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>Tokenizer</translation>
    </message>
    <message>
        <source>%1 with other values</source>
        <translation>%1 mit anderen Werten</translation>
    </message>
    <message>
        <source>%1 moved most</source>
        <translation>%1 am meisten bewegt</translation>
    </message>
    <message>
        <source>%1 of another shape</source>
        <translation>%1 mit anderer Form</translation>
    </message>
    <message>
        <source>%1 of another dtype</source>
        <translation>%1 mit anderem dtype</translation>
    </message>
    <message>
        <source>The values are the same but for rounding.</source>
        <translation>Die Werte sind bis auf Rundung gleich.</translation>
    </message>
    <message>
        <source>%1 renamed</source>
        <translation>%1 umbenannt</translation>
    </message>
    <message>
        <source>%1 only in B</source>
        <translation>%1 nur in B</translation>
    </message>
    <message>
        <source>%1 only in A</source>
        <translation>%1 nur in A</translation>
    </message>
    <message>
        <source>1 kind</source>
        <translation>1 Art</translation>
    </message>
    <message>
        <source>%1 kinds</source>
        <translation>%1 Arten</translation>
    </message>
    <message>
        <source>%1 identical</source>
        <translation>%1 identisch</translation>
    </message>
    <message>
        <source>%1 alike</source>
        <translation>%1 gleich</translation>
    </message>
    <message>
        <source>B has none</source>
        <translation>B hat keine</translation>
    </message>
    <message>
        <source>A has none</source>
        <translation>A hat keine</translation>
    </message>
    <message>
        <source>none beside A or B</source>
        <translation>keine neben A oder B</translation>
    </message>
    <message>
        <source>%1 of %2 fields differ</source>
        <translation>%1 von %2 Feldern weichen ab</translation>
    </message>
    <message>
        <source>None beside A or B.</source>
        <translation>Keiner neben A oder B.</translation>
    </message>
    <message>
        <source>A has none.</source>
        <translation>A hat keinen.</translation>
    </message>
    <message>
        <source>B has none.</source>
        <translation>B hat keinen.</translation>
    </message>
    <message>
        <source>Same %1 tokens in the same order.</source>
        <translation>Dieselben %1 Tokens in derselben Reihenfolge.</translation>
    </message>
    <message>
        <source>%1 added, %2 removed, %3 moved.</source>
        <translation>%1 hinzugekommen, %2 entfernt, %3 verschoben.</translation>
    </message>
    <message>
        <source>Not all values are compared.</source>
        <translation>Nicht alle Werte sind verglichen.</translation>
    </message>
</context>
<context>
    <name>weighbridge::ComparisonDocument</name>
    <message>
        <source>Opening B</source>
        <translation>Öffnet B</translation>
    </message>
    <message>
        <source>Comparing values</source>
        <translation>Vergleicht die Werte</translation>
    </message>
</context>
<context>
    <name>weighbridge::DepthPlot</name>
    <message>
        <source>Over depth</source>
        <translation>Über die Tiefe</translation>
    </message>
    <message>
        <source>%1 over depth</source>
        <translation>%1 über die Tiefe</translation>
    </message>
    <message>
        <source>%1 of %2 kinds of tensor over layers %3 to %4, from %5 to %6; %7 points never trained</source>
        <translation>%1 von %2 Arten von Tensoren über die Schichten %3 bis %4, von %5 bis %6; %7 Punkte nie trainiert</translation>
    </message>
    <message>
        <source>layer   (%1 of %2 kinds shown: make the window wider)</source>
        <translation>Schicht   (%1 von %2 Arten gezeigt: Fenster breiter machen)</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>- - %1 %2</source>
        <translation>- - %1 %2</translation>
    </message>
    <message>
        <source>layer %1   %2   %3 %4</source>
        <translation>Schicht %1   %2   %3 %4</translation>
    </message>
    <message>
        <source>%1   never trained</source>
        <translation>%1   nie trainiert</translation>
    </message>
</context>
<context>
    <name>weighbridge::DifferenceModel</name>
    <message>
        <source>Tensor</source>
        <translation>Tensor</translation>
    </message>
    <message>
        <source>A</source>
        <translation>A</translation>
    </message>
    <message>
        <source>B</source>
        <translation>B</translation>
    </message>
    <message>
        <source>dtype</source>
        <translation>dtype</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>Änderung</translation>
    </message>
    <message>
        <source>0.01 to 20 %</source>
        <translation>0,01 bis 20 %</translation>
    </message>
    <message>
        <source>Cosine</source>
        <translation>Kosinus</translation>
    </message>
    <message>
        <source>%1 → %2</source>
        <translation>%1 → %2</translation>
    </message>
    <message>
        <source>, transposed</source>
        <translation>, transponiert</translation>
    </message>
    <message>
        <source>
in B: %1 (%2)</source>
        <translation>
in B: %1 (%2)</translation>
    </message>
    <message>
        <source>%1: %2%3</source>
        <translation>%1: %2%3</translation>
    </message>
    <message>
        <source>not compared</source>
        <translation>nicht verglichen</translation>
    </message>
</context>
<context>
    <name>weighbridge::Document</name>
    <message>
        <source>Reading the copy back</source>
        <translation>Liest die Kopie zurück</translation>
    </message>
    <message>
        <source>Writing the copy</source>
        <translation>Schreibt die Kopie</translation>
    </message>
    <message>
        <source>Reading the header</source>
        <translation>Liest den Kopf</translation>
    </message>
    <message>
        <source>Reading the config</source>
        <translation>Liest die Config</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Prüft</translation>
    </message>
    <message>
        <source>Checking values</source>
        <translation>Prüft die Werte</translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation>Statistik</translation>
    </message>
    <message>
        <source>Reading statistics</source>
        <translation>Statistik wird gelesen</translation>
    </message>
</context>
<context>
    <name>weighbridge::ErrorPage</name>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>At byte</source>
        <translation>Bei Byte</translation>
    </message>
    <message>
        <source>Expected</source>
        <translation>Erwartet</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>Gefunden</translation>
    </message>
    <message>
        <source>Can still be read</source>
        <translation>Noch lesbar</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>Regel</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>Was zu tun ist</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Einzelheiten kopieren</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Read the file anew (F5)</source>
        <translation>Die Datei neu lesen (F5)</translation>
    </message>
    <message>
        <source>Open another…</source>
        <translation>Eine andere öffnen…</translation>
    </message>
    <message>
        <source>What this means</source>
        <translation>Was das heißt</translation>
    </message>
    <message>
        <source>Open the manual at this error (F1)</source>
        <translation>Das Handbuch bei diesem Fehler öffnen (F1)</translation>
    </message>
</context>
<context>
    <name>weighbridge::FindField</name>
    <message>
        <source>layer 3   768,768   F16   status:missing   &quot;exact.name&quot;</source>
        <translation>layer 3   768,768   F16   status:missing   &quot;genauer.name&quot;</translation>
    </message>
    <message>
        <source>Find name, dtype or shape</source>
        <translation>Name, dtype oder Form suchen</translation>
    </message>
    <message>
        <source>Find tensors</source>
        <translation>Tensoren suchen</translation>
    </message>
    <message>
        <source>All terms must hold: layer 3, 768,768, F16, status:missing, &quot;exact.name&quot;</source>
        <translation>Alle Begriffe müssen zutreffen: layer 3, 768,768, F16, status:missing, &quot;genauer.name&quot;</translation>
    </message>
    <message>
        <source>Ctrl+F</source>
        <translation>Strg+F</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation>Esc</translation>
    </message>
</context>
<context>
    <name>weighbridge::FindingSection</name>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message numerus="yes">
        <source>%n entries</source>
        <translation>
            <numerusform>%n Eintrag</numerusform>
            <numerusform>%n Einträge</numerusform>
        </translation>
    </message>
    <message>
        <source>Copy fix</source>
        <translation>Korrektur kopieren</translation>
    </message>
    <message>
        <source>Show after the fix</source>
        <translation>Nach der Korrektur zeigen</translation>
    </message>
    <message>
        <source>Python of the fix</source>
        <translation>Python der Korrektur</translation>
    </message>
    <message>
        <source>Copy the Python of the fix</source>
        <translation>Das Python der Korrektur kopieren</translation>
    </message>
    <message>
        <source>What was tried</source>
        <translation>Was versucht wurde</translation>
    </message>
    <message>
        <source>How it is known</source>
        <translation>Woher man es weiß</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>Was zu tun ist</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
</context>
<context>
    <name>weighbridge::FindingsModel</name>
    <message>
        <source>%1: %2. %3</source>
        <translation>%1: %2. %3</translation>
    </message>
    <message>
        <source>From this: %1</source>
        <translation>Daraus folgt: %1</translation>
    </message>
    <message>
        <source>From this: %1 %2</source>
        <translation>Daraus folgt: %1 %2</translation>
    </message>
</context>
<context>
    <name>weighbridge::FindingsView</name>
    <message>
        <source>Findings</source>
        <translation>Befunde</translation>
    </message>
</context>
<context>
    <name>weighbridge::HeatMapPlot</name>
    <message>
        <source>Heat map</source>
        <translation>Heatmap</translation>
    </message>
    <message>
        <source>Heat map of %1 rows by %2 columns, full colour at %3 and %4; %5 values are not finite</source>
        <translation>Heatmap von %1 Zeilen mal %2 Spalten, volle Farbe bei %3 und %4; %5 Werte sind nicht endlich</translation>
    </message>
    <message>
        <source>column</source>
        <translation>Spalte</translation>
    </message>
    <message>
        <source>row   (a cell is the mean of its values; zoom in to see them)</source>
        <translation>Zeile   (eine Zelle ist das Mittel ihrer Werte; vergrößern, um sie zu sehen)</translation>
    </message>
    <message>
        <source>row</source>
        <translation>Zeile</translation>
    </message>
    <message>
        <source>row %1   column %2   value %3</source>
        <translation>Zeile %1   Spalte %2   Wert %3</translation>
    </message>
    <message>
        <source>row %1   column %2   mean %3   largest magnitude %4</source>
        <translation>Zeile %1   Spalte %2   Mittel %3   größter Betrag %4</translation>
    </message>
</context>
<context>
    <name>weighbridge::HistogramPlot</name>
    <message>
        <source>Histogram</source>
        <translation>Histogramm</translation>
    </message>
    <message>
        <source>Histogram of %1 values from %2 to %3, %4 outside</source>
        <translation>Histogramm von %1 Werten von %2 bis %3, %4 außerhalb</translation>
    </message>
    <message>
        <source>, with %1</source>
        <translation>, mit %1</translation>
    </message>
    <message>
        <source> and %1</source>
        <translation> und %1</translation>
    </message>
    <message>
        <source>dashed: %1</source>
        <translation>gestrichelt: %1</translation>
    </message>
    <message>
        <source>grey: the same tensor in other layers, %1</source>
        <translation>grau: derselbe Tensor in anderen Schichten, %1</translation>
    </message>
    <message>
        <source>value %1   %2 elements from %3 to %4</source>
        <translation>Wert %1   %2 Elemente von %3 bis %4</translation>
    </message>
    <message>
        <source>value %1   no elements</source>
        <translation>Wert %1   keine Elemente</translation>
    </message>
    <message>
        <source>value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>elements per %1</source>
        <translation>Elemente je %1</translation>
    </message>
    <message>
        <source>elements</source>
        <translation>Elemente</translation>
    </message>
</context>
<context>
    <name>weighbridge::HostBrowser</name>
    <message>
        <source>Connect</source>
        <translation>Verbinden</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>Aufwärts</translation>
    </message>
    <message>
        <source>To the folder above</source>
        <translation>Zum Ordner darüber</translation>
    </message>
    <message>
        <source>Home</source>
        <translation>Zuhause</translation>
    </message>
    <message>
        <source>To your home folder there</source>
        <translation>Zu Ihrem persönlichen Ordner dort</translation>
    </message>
    <message>
        <source>Reload</source>
        <translation>Neu laden</translation>
    </message>
    <message>
        <source>List the folder anew</source>
        <translation>Den Ordner neu auflisten</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>Alle Dateien</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Open this folder</source>
        <translation>Diesen Ordner öffnen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open on another machine</source>
        <translation>Auf einem anderen Rechner öffnen</translation>
    </message>
    <message>
        <source>Not connected</source>
        <translation>Nicht verbunden</translation>
    </message>
    <message>
        <source>The system&apos;s ssh connects, with your keys and its config; weighbridge-cli must be installed on the machine. Nothing is sent before you press Connect.</source>
        <translation>Das ssh des Systems verbindet, mit Ihren Schlüsseln und seiner Konfiguration; auf dem Rechner muss weighbridge-cli installiert sein. Vor „Verbinden“ wird nichts gesendet.</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>Rechner</translation>
    </message>
    <message>
        <source>A name of ssh&apos;s config, host or user@host:port</source>
        <translation>Ein Name aus der Konfiguration von ssh, Rechner oder benutzer@rechner:port</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Find a name</source>
        <translation>Namen suchen</translation>
    </message>
    <message>
        <source>Also files that no format is known by, and names that begin with a dot</source>
        <translation>Auch Dateien, die keinem Format zuzuordnen sind, und Namen, die mit einem Punkt beginnen</translation>
    </message>
    <message>
        <source>Names in the folder</source>
        <translation>Namen im Ordner</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Listing %1</source>
        <translation>%1 wird aufgelistet</translation>
    </message>
    <message>
        <source>Asking %1</source>
        <translation>%1 wird gefragt</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>It cannot be listed</source>
        <translation>Das lässt sich nicht auflisten</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>The folder is empty</source>
        <translation>Der Ordner ist leer</translation>
    </message>
    <message>
        <source>Nothing here has such a name</source>
        <translation>Nichts hier hat einen solchen Namen</translation>
    </message>
    <message numerus="yes">
        <source>%n name(s) are not shown; tick All files to see them.</source>
        <translation>
            <numerusform>%n Name wird nicht gezeigt; mit „Alle Dateien“ ist er zu sehen.</numerusform>
            <numerusform>%n Namen werden nicht gezeigt; mit „Alle Dateien“ sind sie zu sehen.</numerusform>
        </translation>
    </message>
    <message>
        <source>The first %1 of %2 names; find one to see the others</source>
        <translation>Die ersten %1 von %2 Namen; die anderen zeigt die Suche</translation>
    </message>
    <message>
        <source>%1 of %2 names</source>
        <translation>%1 von %2 Namen</translation>
    </message>
    <message>
        <source>Compare with one on another machine</source>
        <translation>Mit einem auf einem anderen Rechner vergleichen</translation>
    </message>
    <message>
        <source>Use a reference on another machine</source>
        <translation>Referenz auf einem anderen Rechner verwenden</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>Verwenden</translation>
    </message>
    <message>
        <source>Compare with this folder</source>
        <translation>Mit diesem Ordner vergleichen</translation>
    </message>
    <message>
        <source>Use this folder</source>
        <translation>Diesen Ordner verwenden</translation>
    </message>
    <message>
        <source>Takes the folder as a model: its config, its weights in however many files</source>
        <translation>Nimmt den Ordner als Modell: seine Config, seine Gewichte in beliebig vielen Dateien</translation>
    </message>
    <message>
        <source>No checkpoint and no folder here</source>
        <translation>Kein Checkpoint und kein Ordner hier</translation>
    </message>
</context>
<context>
    <name>weighbridge::HostFolderModel</name>
    <message>
        <source>config</source>
        <translation>Config</translation>
    </message>
    <message>
        <source>tokenizer</source>
        <translation>Tokenizer</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Geändert</translation>
    </message>
</context>
<context>
    <name>weighbridge::ImageInput</name>
    <message>
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Choose an image…</source>
        <translation>Bild wählen…</translation>
    </message>
    <message>
        <source>This is no image that can be read.</source>
        <translation>Das ist kein lesbares Bild.</translation>
    </message>
    <message>
        <source>Choose an image</source>
        <translation>Bild wählen</translation>
    </message>
    <message>
        <source>Images (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff);;All files (*)</source>
        <translation>Bilder (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Sample: a lorry</source>
        <translation>Beispiel: ein Lastwagen</translation>
    </message>
</context>
<context>
    <name>weighbridge::Inspector</name>
    <message>
        <source>Inspector</source>
        <translation>Inspektor</translation>
    </message>
</context>
<context>
    <name>weighbridge::JobBar</name>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>%1, %2 B</source>
        <translation>%1, %2 B</translation>
    </message>
    <message>
        <source>Statistics: %1 of %2</source>
        <translation>Statistik: %1 von %2</translation>
    </message>
    <message>
        <source>, stopped</source>
        <translation>, angehalten</translation>
    </message>
    <message>
        <source> from %1</source>
        <translation> von %1</translation>
    </message>
    <message>
        <source>Opened in %2%1</source>
        <translation>Geöffnet in %2%1</translation>
    </message>
    <message>
        <source>, %1 unreadable</source>
        <translation>, %1 nicht lesbar</translation>
    </message>
</context>
<context>
    <name>weighbridge::LoadStrip</name>
    <message>
        <source>Expected</source>
        <translation>Erwartet</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>Gefunden</translation>
    </message>
    <message>
        <source>After fix</source>
        <translation>Korrigiert</translation>
    </message>
    <message>
        <source>Load strip: expected over found</source>
        <translation>Ladestreifen: erwartet über gefunden</translation>
    </message>
    <message>
        <source>%1, %2: %3</source>
        <translation>%1, %2: %3</translation>
    </message>
    <message numerus="yes">
        <source>%1
and %n more in this cell</source>
        <translation>
            <numerusform>%1
und %n weiterer in dieser Zelle</numerusform>
            <numerusform>%1
und %n weitere in dieser Zelle</numerusform>
        </translation>
    </message>
    <message>
        <source>A</source>
        <translation>A</translation>
    </message>
    <message>
        <source>B</source>
        <translation>B</translation>
    </message>
</context>
<context>
    <name>weighbridge::LoadingPage</name>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>Cancel   Esc</source>
        <translation>Abbrechen   Esc</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Header</source>
        <translation>Kopf</translation>
    </message>
    <message>
        <source>Reading the header of %1</source>
        <translation>Liest den Kopf von %1</translation>
    </message>
    <message>
        <source>Names, shapes and dtypes only; no values are read for this.</source>
        <translation>Nur Namen, Formen und dtypes; Werte werden dafür nicht gelesen.</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Meanwhile</source>
        <translation>Unterdessen</translation>
    </message>
    <message>
        <source>menus, other windows and files keep working</source>
        <translation>Menüs, andere Fenster und Dateien bleiben benutzbar</translation>
    </message>
</context>
<context>
    <name>weighbridge::MainWindow</name>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>Öffnen…</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>Vorwärts</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Export report…</source>
        <translation>Bericht exportieren…</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>Weighbridge</source>
        <translation>Weighbridge</translation>
    </message>
    <message>
        <source>%1 – Weighbridge</source>
        <translation>%1 – Weighbridge</translation>
    </message>
    <message>
        <source>has errors</source>
        <translation>hat Fehler</translation>
    </message>
    <message>
        <source>has warnings</source>
        <translation>hat Warnungen</translation>
    </message>
    <message>
        <source>%1; %2</source>
        <translation>%1; %2</translation>
    </message>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <translation>
            <numerusform>%1 und %n weitere</numerusform>
            <numerusform>%1 und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>Check against %1</source>
        <translation>Gegen %1 prüfen</translation>
    </message>
    <message>
        <source>the config replaces the expectation</source>
        <translation>die Config ersetzt die Erwartung</translation>
    </message>
    <message>
        <source>Compare with %1</source>
        <translation>Vergleichen mit %1</translation>
    </message>
    <message>
        <source>%1 becomes B</source>
        <translation>%1 wird B</translation>
    </message>
    <message>
        <source>Open instead</source>
        <translation>Stattdessen öffnen</translation>
    </message>
    <message>
        <source>in this window, Shift for a new one</source>
        <translation>in diesem Fenster, mit Umschalt in einem neuen</translation>
    </message>
    <message>
        <source>Open %1</source>
        <translation>%1 öffnen</translation>
    </message>
    <message>
        <source>It is only read, never changed and never executed.</source>
        <translation>Es wird nur gelesen, nie geändert und nie ausgeführt.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Use a config</source>
        <translation>Config verwenden</translation>
    </message>
    <message>
        <source>Configs (*.json *.yaml *.yml);;All files (*)</source>
        <translation>Configs (*.json *.yaml *.yml);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Use a reference checkpoint</source>
        <translation>Referenz-Checkpoint verwenden</translation>
    </message>
    <message>
        <source>Compare with</source>
        <translation>Vergleichen mit</translation>
    </message>
    <message>
        <source>Only the weights (*.safetensors)</source>
        <translation>Nur die Gewichte (*.safetensors)</translation>
    </message>
    <message>
        <source>Save repaired copy</source>
        <translation>Reparierte Kopie speichern</translation>
    </message>
    <message>
        <source>%1-repaired</source>
        <translation>%1-repariert</translation>
    </message>
    <message>
        <source>Model folder (*)</source>
        <translation>Modellordner (*)</translation>
    </message>
    <message>
        <source>Copied the Python of the fix</source>
        <translation>Das Python der Korrektur ist kopiert</translation>
    </message>
    <message>
        <source>About Weighbridge</source>
        <translation>Über Weighbridge</translation>
    </message>
    <message>
        <source>Weighbridge %1</source>
        <translation>Weighbridge %1</translation>
    </message>
    <message>
        <source>Tells whether a model checkpoint carries what its papers say. Files are only read, never changed and never executed.

GNU General Public License, version 3 or later.</source>
        <translation>Sagt, ob ein Modell-Checkpoint trägt, was seine Papiere versprechen. Dateien werden nur gelesen, nie geändert und nie ausgeführt.

GNU General Public License, Version 3 oder später.</translation>
    </message>
    <message>
        <source>Files are read on this machine; nothing is sent anywhere, unless you open an address.</source>
        <translation>Dateien werden auf diesem Rechner gelesen; nichts wird gesendet, außer Sie öffnen eine Adresse.</translation>
    </message>
    <message>
        <source>&amp;Fetch all values (%1)</source>
        <translation>Alle &amp;Werte holen (%1)</translation>
    </message>
    <message>
        <source>&amp;Fetch all values</source>
        <translation>Alle &amp;Werte holen</translation>
    </message>
    <message>
        <source>Use statistics</source>
        <translation>Statistik verwenden</translation>
    </message>
    <message>
        <source>Statistics (*.json);;All files (*)</source>
        <translation>Statistik (*.json);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Use the statistics in %1</source>
        <translation>Die Statistik in %1 verwenden</translation>
    </message>
    <message>
        <source>if they are of %1: its values need not be read</source>
        <translation>wenn sie von %1 ist: dessen Werte müssen nicht gelesen werden</translation>
    </message>
    <message>
        <source>Use this folder</source>
        <translation>Diesen Ordner verwenden</translation>
    </message>
    <message>
        <source>Compare with this folder</source>
        <translation>Mit diesem Ordner vergleichen</translation>
    </message>
</context>
<context>
    <name>weighbridge::ManualWindow</name>
    <message>
        <source>Manual</source>
        <translation>Handbuch</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>Vorwärts</translation>
    </message>
    <message>
        <source>Contents</source>
        <translation>Inhalt</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Manual page</source>
        <translation>Handbuchseite</translation>
    </message>
    <message>
        <source># Keyboard shortcuts</source>
        <translation># Tastenkürzel</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Taste</translation>
    </message>
    <message>
        <source>Does</source>
        <translation>Wirkung</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Close or open a module of the tree; go along the strip, the map or a plot</source>
        <translation>Ein Modul des Baums schließen oder öffnen; im Streifen, in der Karte oder in einem Diagramm weitergehen</translation>
    </message>
    <message>
        <source>Open everything below a module</source>
        <translation>Alles unter einem Modul öffnen</translation>
    </message>
    <message>
        <source>Fit a plot to its values; press a button</source>
        <translation>Ein Diagramm an seine Werte anpassen; einen Knopf drücken</translation>
    </message>
    <message>
        <source>Zoom a plot</source>
        <translation>Ein Diagramm vergrößern oder verkleinern</translation>
    </message>
    <message>
        <source>From the find field into the tree</source>
        <translation>Vom Suchfeld in den Baum</translation>
    </message>
    <message>
        <source>Clear the find field, then leave it; close a dialog</source>
        <translation>Das Suchfeld leeren, dann verlassen; einen Dialog schließen</translation>
    </message>
    <message>
        <source>Press a button; open a recent file, or what is chosen on another machine</source>
        <translation>Einen Knopf drücken; eine zuletzt geöffnete Datei öffnen, oder was auf einem anderen Rechner gewählt ist</translation>
    </message>
    <message>
        <source>To the folder above, on another machine</source>
        <translation>Zum übergeordneten Ordner, auf einem anderen Rechner</translation>
    </message>
    <message>
        <source>To the home folder, on another machine</source>
        <translation>Zum eigenen Ordner, auf einem anderen Rechner</translation>
    </message>
    <message>
        <source>## In what has the keyboard</source>
        <translation>## In dem, was den Fokus hat</translation>
    </message>
</context>
<context>
    <name>weighbridge::MapLegend</name>
    <message>
        <source>std</source>
        <translation>Std.</translation>
    </message>
    <message>
        <source>kurtosis</source>
        <translation>Kurtosis</translation>
    </message>
    <message>
        <source>trained</source>
        <translation>trainiert</translation>
    </message>
    <message>
        <source>never trained</source>
        <translation>nie trainiert</translation>
    </message>
    <message>
        <source>cannot tell</source>
        <translation>unklar</translation>
    </message>
    <message>
        <source>holds NaN or Inf</source>
        <translation>enthält NaN oder Inf</translation>
    </message>
    <message>
        <source>wide cell weight, narrow bias</source>
        <translation>breite Zelle Gewicht, schmale Bias</translation>
    </message>
</context>
<context>
    <name>weighbridge::ModelMapView</name>
    <message>
        <source>Map of the model: layers by kinds of tensor</source>
        <translation>Karte des Modells: Schichten mal Arten von Tensoren</translation>
    </message>
    <message>
        <source>never trained</source>
        <translation>nie trainiert</translation>
    </message>
    <message>
        <source>its values cannot be read</source>
        <translation>seine Werte sind nicht lesbar</translation>
    </message>
    <message>
        <source>not read yet</source>
        <translation>noch nicht gelesen</translation>
    </message>
    <message>
        <source>std %1</source>
        <translation>Std. %1</translation>
    </message>
    <message>
        <source>mean %1</source>
        <translation>Mittel %1</translation>
    </message>
    <message>
        <source>kurtosis %1</source>
        <translation>Kurtosis %1</translation>
    </message>
    <message>
        <source>%1 NaN, %2 Inf</source>
        <translation>%1 NaN, %2 Inf</translation>
    </message>
</context>
<context>
    <name>weighbridge::PairPlot</name>
    <message>
        <source>Histograms of A and B</source>
        <translation>Histogramme von A und B</translation>
    </message>
    <message>
        <source>Histogram of B − A</source>
        <translation>Histogramm von B − A</translation>
    </message>
    <message>
        <source>Values of A against those of B</source>
        <translation>Werte von A gegen die von B</translation>
    </message>
    <message>
        <source>%1, from %2 to %3, %4</source>
        <translation>%1, von %2 bis %3, %4</translation>
    </message>
    <message>
        <source>%1, from %2 to %3</source>
        <translation>%1, von %2 bis %3</translation>
    </message>
    <message>
        <source>A %1   B %2</source>
        <translation>A %1   B %2</translation>
    </message>
    <message>
        <source>value %1   no elements</source>
        <translation>Wert %1   keine Elemente</translation>
    </message>
    <message>
        <source>B − A %1   %2 elements</source>
        <translation>B − A %1   %2 Elemente</translation>
    </message>
    <message>
        <source>value %1   %2 elements of A, %3 of B</source>
        <translation>Wert %1   %2 Elemente von A, %3 von B</translation>
    </message>
    <message>
        <source>value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>B − A</source>
        <translation>B − A</translation>
    </message>
    <message>
        <source>value in A</source>
        <translation>Wert in A</translation>
    </message>
    <message>
        <source>value in B</source>
        <translation>Wert in B</translation>
    </message>
    <message>
        <source>elements per %1</source>
        <translation>Elemente je %1</translation>
    </message>
    <message>
        <source>elements</source>
        <translation>Elemente</translation>
    </message>
</context>
<context>
    <name>weighbridge::Plot</name>
    <message>
        <source>Copy picture</source>
        <translation>Bild kopieren</translation>
    </message>
    <message>
        <source>Save picture…</source>
        <translation>Bild speichern…</translation>
    </message>
    <message>
        <source>Fit to the values</source>
        <translation>An die Werte anpassen</translation>
    </message>
    <message>
        <source>Save picture</source>
        <translation>Bild speichern</translation>
    </message>
    <message>
        <source>%1 cannot be written. Choose another folder.</source>
        <translation>%1 kann nicht geschrieben werden. Einen anderen Ordner wählen.</translation>
    </message>
</context>
<context>
    <name>weighbridge::PropertiesPanel</name>
    <message>
        <source>Checkpoint</source>
        <translation>Checkpoint</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
</context>
<context>
    <name>weighbridge::QuantilesPlot</name>
    <message>
        <source>Quantiles</source>
        <translation>Quantile</translation>
    </message>
    <message>
        <source>Quantiles of %1 values against %2: %3 of %4 points lie outside of the 95 % band</source>
        <translation>Quantile von %1 Werten gegen %2: %3 von %4 Punkten liegen außerhalb des 95-%-Bands</translation>
    </message>
    <message>
        <source>dots: found</source>
        <translation>Punkte: gefunden</translation>
    </message>
    <message>
        <source>dashed: %1</source>
        <translation>gestrichelt: %1</translation>
    </message>
    <message>
        <source>band: where 95 % of true samples stay</source>
        <translation>Band: wo 95 % echter Stichproben bleiben</translation>
    </message>
    <message>
        <source>expected %1   found %2   band %3 to %4</source>
        <translation>erwartet %1   gefunden %2   Band %3 bis %4</translation>
    </message>
    <message>
        <source>value expected of %1</source>
        <translation>erwarteter Wert von %1</translation>
    </message>
    <message>
        <source>value found</source>
        <translation>gefundener Wert</translation>
    </message>
    <message>
        <source>sampled %1 of %2 values</source>
        <translation>Stichprobe von %1 aus %2 Werten</translation>
    </message>
</context>
<context>
    <name>weighbridge::ReportExport</name>
    <message>
        <source>Computing sha256</source>
        <translation>Berechnet sha256</translation>
    </message>
    <message>
        <source>Writing the report</source>
        <translation>Schreibt den Bericht</translation>
    </message>
</context>
<context>
    <name>weighbridge::ResultsTable</name>
    <message>
        <source>rank</source>
        <translation>Rang</translation>
    </message>
    <message>
        <source>result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>id</source>
        <translation>Id</translation>
    </message>
    <message>
        <source>value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Results as a table</source>
        <translation>Ergebnisse als Tabelle</translation>
    </message>
</context>
<context>
    <name>weighbridge::RunAnswer</name>
    <message>
        <source>Goes on</source>
        <translation>Geht weiter</translation>
    </message>
    <message>
        <source>Similarity of the two texts</source>
        <translation>Ähnlichkeit der beiden Texte</translation>
    </message>
    <message>
        <source>cosine of their embeddings</source>
        <translation>Kosinus ihrer Embeddings</translation>
    </message>
    <message>
        <source>It runs, but its activations are not numbers</source>
        <translation>Es läuft, doch seine Aktivierungen sind keine Zahlen</translation>
    </message>
    <message>
        <source>It runs</source>
        <translation>Es läuft</translation>
    </message>
    <message>
        <source>loss %1, guessing would give %2</source>
        <translation>Loss %1, Raten ergäbe %2</translation>
    </message>
    <message>
        <source>It runs, and it has learned: %1</source>
        <translation>Es läuft und hat gelernt: %1</translation>
    </message>
    <message>
        <source>It runs, but it predicts no better than guessing: %1</source>
        <translation>Es läuft, sagt aber nicht besser voraus als Raten: %1</translation>
    </message>
    <message>
        <source>It runs. Whether it has learned cannot be told from %1 tokens: %2</source>
        <translation>Es läuft. Ob es gelernt hat, lässt sich aus %1 Tokens nicht sagen: %2</translation>
    </message>
    <message>
        <source>It runs, but %1 contributes nothing: loss %2 with it, %3 without</source>
        <translation>Es läuft, doch %1 trägt nichts bei: Loss %2 mit, %3 ohne</translation>
    </message>
    <message>
        <source>The two do not part: no layer differs by more than rounding</source>
        <translation>Die beiden trennen sich nicht: keine Schicht weicht um mehr als Rundung ab</translation>
    </message>
    <message>
        <source>The two part at %1</source>
        <translation>Die beiden trennen sich bei %1</translation>
    </message>
</context>
<context>
    <name>weighbridge::RunInput</name>
    <message>
        <source>CPU, %1</source>
        <translation>CPU, %1</translation>
    </message>
    <message>
        <source>%1 (libtorch %2)</source>
        <translation>%1 (libtorch %2)</translation>
    </message>
    <message>
        <source>F32</source>
        <translation>F32</translation>
    </message>
    <message>
        <source>BF16</source>
        <translation>BF16</translation>
    </message>
    <message>
        <source>F16</source>
        <translation>F16</translation>
    </message>
    <message>
        <source>int8</source>
        <translation>int8</translation>
    </message>
    <message>
        <source>stored</source>
        <translation>gespeichert</translation>
    </message>
    <message>
        <source>Stream layer by layer</source>
        <translation>Schicht für Schicht lesen</translation>
    </message>
    <message>
        <source>Initialise what is missing</source>
        <translation>Fehlendes initialisieren</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Second text</source>
        <translation>Zweiter Text</translation>
    </message>
    <message>
        <source>Second text, where the model takes two</source>
        <translation>Zweiter Text, wo das Modell zwei nimmt</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Devices of another PyTorch, with CUDA: ./run --torch ENVIRONMENT builds a second worker from a Python environment</source>
        <translation>Geräte eines anderen PyTorch, mit CUDA: ./run --torch UMGEBUNG baut einen zweiten Arbeitsprozess aus einer Python-Umgebung</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>dtype of the calculation</source>
        <translation>dtype der Rechnung</translation>
    </message>
    <message>
        <source>int8 rounds the linear layers as dynamic quantization does; stored: the dtype of the file</source>
        <translation>int8 rundet die linearen Schichten wie dynamische Quantisierung; gespeichert: der dtype der Datei</translation>
    </message>
    <message>
        <source>Reads each tensor when it is needed: a model larger than memory runs, more slowly, with the same result bit for bit</source>
        <translation>Liest jeden Tensor erst, wenn er gebraucht wird: Ein Modell, das größer als der Speicher ist, läuft langsamer, mit bitgleichem Ergebnis</translation>
    </message>
    <message>
        <source>Runs although tensors are missing or have another shape. What comes out depends on chance then</source>
        <translation>Läuft, obwohl Tensoren fehlen oder eine andere Form haben. Was herauskommt, hängt dann vom Zufall ab</translation>
    </message>
    <message>
        <source>dtype</source>
        <translation>dtype</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>The model runs in a process of its own. Nothing from the file is executed, unless it is TorchScript and you allow it.</source>
        <translation>Das Modell läuft in einem eigenen Prozess. Nichts aus der Datei wird ausgeführt, außer es ist TorchScript und Sie erlauben es.</translation>
    </message>
    <message>
        <source>Beside</source>
        <translation>Daneben</translation>
    </message>
    <message>
        <source>Stop   Esc</source>
        <translation>Anhalten   Esc</translation>
    </message>
    <message>
        <source>Run   Ctrl+R</source>
        <translation>Ausführen   Strg+R</translation>
    </message>
    <message>
        <source>No other model</source>
        <translation>Kein anderes Modell</translation>
    </message>
    <message>
        <source>Run beside another model…</source>
        <translation>Neben einem anderen Modell ausführen…</translation>
    </message>
    <message>
        <source>Run without it</source>
        <translation>Ohne es ausführen</translation>
    </message>
    <message>
        <source>Folder of the model to run beside this one</source>
        <translation>Ordner des Modells, das daneben läuft</translation>
    </message>
    <message>
        <source>Texts to compare the image with, one a line</source>
        <translation>Texte, mit denen das Bild verglichen wird, einer je Zeile</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Token ids</source>
        <translation>Token-Ids</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>What the program takes</source>
        <translation>Was das Programm nimmt</translation>
    </message>
    <message>
        <source>A TorchScript file does not say what it takes. A text needs the tokenizer&apos;s files beside it</source>
        <translation>Eine TorchScript-Datei sagt nicht, was sie nimmt. Ein Text braucht die Dateien des Tokenizers daneben</translation>
    </message>
    <message>
        <source>Inputs that suit the model</source>
        <translation>Eingaben, die zum Modell passen</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>Beispiele</translation>
    </message>
    <message>
        <source>Sample: %1</source>
        <translation>Beispiel: %1</translation>
    </message>
    <message>
        <source>Whole numbers, as the model&apos;s tokenizer gives them</source>
        <translation>Ganze Zahlen, wie der Tokenizer des Modells sie gibt</translation>
    </message>
    <message>
        <source>This machine: %1</source>
        <translation>Dieser Rechner: %1</translation>
    </message>
    <message>
        <source>%1. The values are fetched for it</source>
        <translation>%1. Die Werte werden dafür geholt</translation>
    </message>
</context>
<context>
    <name>weighbridge::RunPage</name>
    <message>
        <source>Correct that first, the Structure page says how; or tick &quot;Initialise what is missing&quot;.</source>
        <translation>Zuerst das beheben, die Seite Struktur sagt wie; oder „Fehlendes initialisieren“ ankreuzen.</translation>
    </message>
    <message>
        <source>Tick &quot;Stream layer by layer&quot;, or choose BF16 or another device.</source>
        <translation>„Schicht für Schicht lesen“ ankreuzen oder BF16 oder ein anderes Gerät wählen.</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Tokens</translation>
    </message>
    <message>
        <source>Proof of life</source>
        <translation>Lebenszeichen</translation>
    </message>
    <message>
        <source>std of activations</source>
        <translation>Std. der Aktivierungen</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>Time and memory</source>
        <translation>Zeit und Speicher</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>Ergebnisse</translation>
    </message>
    <message>
        <source>Loss on built-in sentences</source>
        <translation>Loss auf eingebauten Sätzen</translation>
    </message>
    <message>
        <source>Activations over depth</source>
        <translation>Aktivierungen über die Tiefe</translation>
    </message>
    <message>
        <source>Not run yet</source>
        <translation>Noch nicht gelaufen</translation>
    </message>
    <message>
        <source>Nothing has been run</source>
        <translation>Noch nichts ausgeführt</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Starting the worker</source>
        <translation>Startet den Arbeitsprozess</translation>
    </message>
    <message>
        <source>Loading, %1 of %2</source>
        <translation>Lädt, %1 von %2</translation>
    </message>
    <message>
        <source>%1, %2 of %3</source>
        <translation>%1, %2 von %3</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>It did not run</source>
        <translation>Es lief nicht</translation>
    </message>
    <message>
        <source>Mean loss in nats on %1 tokens of built-in sentences, lower is better. A full bar is %2, what random weights give.</source>
        <translation>Mittlerer Loss in Nats auf %1 Tokens eingebauter Sätze, weniger ist besser. Ein voller Balken ist %2, was zufällige Gewichte ergeben.</translation>
    </message>
    <message>
        <source>NaN or Inf</source>
        <translation>NaN oder Inf</translation>
    </message>
    <message>
        <source>no NaN, no Inf</source>
        <translation>kein NaN, kein Inf</translation>
    </message>
    <message>
        <source>change by the layer, relative</source>
        <translation>Änderung durch die Schicht, relativ</translation>
    </message>
    <message>
        <source>distance to the other model, relative</source>
        <translation>Abstand zum anderen Modell, relativ</translation>
    </message>
    <message>
        <source>Copy as JSON</source>
        <translation>Als JSON kopieren</translation>
    </message>
    <message>
        <source>Run puts the input through the checkpoint and shows what comes out.</source>
        <translation>Ein Lauf schickt die Eingabe durch den Checkpoint und zeigt, was herauskommt.</translation>
    </message>
    <message>
        <source>Run a program from the file?</source>
        <translation>Ein Programm aus der Datei ausführen?</translation>
    </message>
    <message>
        <source>This file is TorchScript: running it executes the program in it, in a process of its own but with your rights. Run it only if you trust where it comes from.</source>
        <translation>Diese Datei ist TorchScript: Der Lauf führt das Programm darin aus, in einem eigenen Prozess, aber mit Ihren Rechten. Nur ausführen, wenn Sie der Herkunft vertrauen.</translation>
    </message>
    <message>
        <source>Execute it</source>
        <translation>Ausführen</translation>
    </message>
    <message>
        <source>Measurements</source>
        <translation>Messungen</translation>
    </message>
    <message>
        <source>Choose Token ids or Image above the input, or put the tokenizer&apos;s files beside the checkpoint.</source>
        <translation>Wählen Sie über der Eingabe Token-Ids oder Bild, oder legen Sie die Dateien des Tokenizers neben den Checkpoint.</translation>
    </message>
    <message>
        <source>Bars</source>
        <translation>Balken</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>How the results are shown</source>
        <translation>Wie die Ergebnisse gezeigt werden</translation>
    </message>
    <message>
        <source>Put the tokenizer&apos;s files beside the checkpoint, or open the folder that has both.</source>
        <translation>Die Dateien des Tokenizers neben den Checkpoint legen, oder den Ordner öffnen, der beides hat.</translation>
    </message>
</context>
<context>
    <name>weighbridge::RunSample</name>
    <message>
        <source>capital</source>
        <translation>Hauptstadt</translation>
    </message>
    <message>
        <source>temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>two hidden words</source>
        <translation>zwei verdeckte Wörter</translation>
    </message>
    <message>
        <source>counting</source>
        <translation>Zählen</translation>
    </message>
    <message>
        <source>story</source>
        <translation>Geschichte</translation>
    </message>
    <message>
        <source>translation</source>
        <translation>Übersetzung</translation>
    </message>
    <message>
        <source>summary</source>
        <translation>Zusammenfassung</translation>
    </message>
    <message>
        <source>where</source>
        <translation>wo</translation>
    </message>
    <message>
        <source>who</source>
        <translation>wer</translation>
    </message>
    <message>
        <source>one sentence</source>
        <translation>ein Satz</translation>
    </message>
    <message>
        <source>two that mean the same</source>
        <translation>zwei, die dasselbe sagen</translation>
    </message>
    <message>
        <source>two that do not</source>
        <translation>zwei verschiedene</translation>
    </message>
    <message>
        <source>what is drawn</source>
        <translation>was gezeichnet ist</translation>
    </message>
    <message>
        <source>colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>drawing</source>
        <translation>Zeichnung</translation>
    </message>
</context>
<context>
    <name>weighbridge::SettingsDialog</name>
    <message>
        <source>Header of a safetensors file</source>
        <translation>Kopf einer safetensors-Datei</translation>
    </message>
    <message>
        <source>The official reader stops at 100 MB.</source>
        <translation>Der offizielle Leser hört bei 100 MB auf.</translation>
    </message>
    <message>
        <source>JSON text</source>
        <translation>JSON-Text</translation>
    </message>
    <message>
        <source>Configs, indices and tokenizers are smaller.</source>
        <translation>Configs, Indizes und Tokenizer sind kleiner.</translation>
    </message>
    <message>
        <source>Depth of JSON</source>
        <translation>Tiefe von JSON</translation>
    </message>
    <message>
        <source>Deeper nesting is an attack on the reader&apos;s stack.</source>
        <translation>Tiefere Schachtelung ist ein Angriff auf den Stapel des Lesers.</translation>
    </message>
    <message>
        <source>YAML text</source>
        <translation>YAML-Text</translation>
    </message>
    <message>
        <source>References in it can multiply it.</source>
        <translation>Verweise darin können ihn vervielfachen.</translation>
    </message>
    <message>
        <source>Tensors of a checkpoint</source>
        <translation>Tensoren eines Checkpoints</translation>
    </message>
    <message>
        <source>The largest models have some 100 000.</source>
        <translation>Die größten Modelle haben etwa 100 000.</translation>
    </message>
    <message>
        <source>Dimensions of a tensor</source>
        <translation>Dimensionen eines Tensors</translation>
    </message>
    <message>
        <source>NumPy and PyTorch stop at 64.</source>
        <translation>NumPy und PyTorch hören bei 64 auf.</translation>
    </message>
    <message>
        <source>Pickle: operations</source>
        <translation>Pickle: Operationen</translation>
    </message>
    <message>
        <source>A pickle is read as data and never executed.</source>
        <translation>Ein Pickle wird als Daten gelesen und nie ausgeführt.</translation>
    </message>
    <message>
        <source>Pickle: objects</source>
        <translation>Pickle: Objekte</translation>
    </message>
    <message>
        <source>More would fill the memory.</source>
        <translation>Mehr würden den Speicher füllen.</translation>
    </message>
    <message>
        <source>Entries of a ZIP archive</source>
        <translation>Einträge eines ZIP-Archivs</translation>
    </message>
    <message>
        <source>Its directory is held in memory.</source>
        <translation>Sein Verzeichnis wird im Speicher gehalten.</translation>
    </message>
    <message>
        <source>Unpacked entry</source>
        <translation>Entpackter Eintrag</translation>
    </message>
    <message>
        <source>Where it must be held in memory at once.</source>
        <translation>Wo er auf einmal im Speicher liegen muss.</translation>
    </message>
    <message>
        <source>Unpacked over packed size</source>
        <translation>Entpackte durch gepackte Größe</translation>
    </message>
    <message>
        <source>Beyond, and from 256 MiB on, it is a decompression bomb.</source>
        <translation>Darüber und ab 256 MiB ist es eine Dekompressionsbombe.</translation>
    </message>
    <message>
        <source>Text given to a tokenizer</source>
        <translation>Text für einen Tokenizer</translation>
    </message>
    <message>
        <source>At each step of its way to tokens.</source>
        <translation>Bei jedem Schritt auf dem Weg zu Tokens.</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Limits</source>
        <translation>Grenzen</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>Datenschutz</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>&amp;Sprache</translation>
    </message>
    <message>
        <source>The language changes when Weighbridge starts again.</source>
        <translation>Die Sprache ändert sich, wenn Weighbridge neu startet.</translation>
    </message>
    <message>
        <source>Check &amp;values unasked</source>
        <translation>&amp;Werte ungefragt prüfen</translation>
    </message>
    <message>
        <source>Reads every value once, in the background: what was never trained, NaN, damage.</source>
        <translation>Liest jeden Wert einmal, im Hintergrund: was nie trainiert wurde, NaN, Schäden.</translation>
    </message>
    <message>
        <source>Text size and scaling are the desktop&apos;s. Colours: View &gt; Theme.</source>
        <translation>Textgröße und Skalierung sind die des Desktops. Farben: Ansicht &gt; Farben.</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Like the desktop</source>
        <translation>Wie der Desktop</translation>
    </message>
    <message>
        <source>Check values unasked</source>
        <translation>Werte ungefragt prüfen</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>Nie</translation>
    </message>
    <message>
        <source>Up to %1</source>
        <translation>Bis %1</translation>
    </message>
    <message>
        <source>Always</source>
        <translation>Immer</translation>
    </message>
    <message>
        <source>What a file may ask for</source>
        <translation>Was eine Datei verlangen darf</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>Höchstens</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Warum</translation>
    </message>
    <message>
        <source>A file from a stranger may claim anything. Beyond these limits Weighbridge stops reading and says why. They are fixed.</source>
        <translation>Die Datei eines Fremden kann alles behaupten. Jenseits dieser Grenzen hört Weighbridge auf zu lesen und sagt warum. Sie sind fest.</translation>
    </message>
    <message>
        <source>Files are read on this machine. Nothing is sent anywhere, nothing is counted, and no newer version is looked for. The network is used only for an address that you open yourself.</source>
        <translation>Dateien werden auf diesem Rechner gelesen. Nichts wird irgendwohin gesendet, nichts gezählt, und nach neuen Versionen wird nicht gesucht. Das Netz wird nur für eine Adresse benutzt, die Sie selbst öffnen.</translation>
    </message>
    <message>
        <source>What a checkpoint holds is never executed. Files that you open are never changed.</source>
        <translation>Was ein Checkpoint enthält, wird nie ausgeführt. Dateien, die Sie öffnen, werden nie geändert.</translation>
    </message>
    <message>
        <source>&amp;Remember the files that were open</source>
        <translation>&amp;Merken, welche Dateien offen waren</translation>
    </message>
    <message>
        <source>Their paths, verdicts and small pictures are kept in your settings file.</source>
        <translation>Ihre Pfade, Urteile und kleinen Bilder stehen in Ihrer Einstellungsdatei.</translation>
    </message>
    <message>
        <source>Reports, the manual and rare error messages are in English.</source>
        <translation>Berichte, das Handbuch und seltene Fehlermeldungen sind englisch.</translation>
    </message>
</context>
<context>
    <name>weighbridge::SpectrumPlot</name>
    <message>
        <source>Singular values</source>
        <translation>Singulärwerte</translation>
    </message>
    <message>
        <source>%1 singular values from %2 down to %3, %4</source>
        <translation>%1 Singulärwerte von %2 bis hinunter zu %3, %4</translation>
    </message>
    <message>
        <source>all below the Marchenko–Pastur edge %1</source>
        <translation>alle unter der Marchenko-Pastur-Kante %1</translation>
    </message>
    <message>
        <source>%1 above the Marchenko–Pastur edge %2</source>
        <translation>%1 über der Marchenko-Pastur-Kante %2</translation>
    </message>
    <message>
        <source>all below the edge</source>
        <translation>alle unter der Kante</translation>
    </message>
    <message>
        <source>%1 above the edge</source>
        <translation>%1 über der Kante</translation>
    </message>
    <message>
        <source>largest %1, %2</source>
        <translation>größter %1, %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>grey: other layers, largest %1 to %2</source>
        <translation>grau: andere Schichten, größter %1 bis %2</translation>
    </message>
    <message>
        <source>rank %1   singular value %2   edge %3</source>
        <translation>Rang %1   Singulärwert %2   Kante %3</translation>
    </message>
    <message>
        <source>rank of singular value</source>
        <translation>Rang des Singulärwerts</translation>
    </message>
    <message>
        <source>singular value</source>
        <translation>Singulärwert</translation>
    </message>
    <message>
        <source>sampled %1 x %2 of %3 x %4</source>
        <translation>Stichprobe %1 x %2 aus %3 x %4</translation>
    </message>
    <message>
        <source>dashed: Marchenko–Pastur edge %1</source>
        <translation>gestrichelt: Marchenko-Pastur-Kante %1</translation>
    </message>
</context>
<context>
    <name>weighbridge::StartPage</name>
    <message>
        <source>Drop a checkpoint here</source>
        <translation>Einen Checkpoint hierher ziehen</translation>
    </message>
    <message>
        <source>It is only read, never changed and never executed.</source>
        <translation>Der Checkpoint wird nur gelesen, nie geändert und nie ausgeführt.</translation>
    </message>
    <message>
        <source>Open…   Ctrl+O</source>
        <translation>Öffnen…   Strg+O</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>Ordner öffnen…</translation>
    </message>
    <message>
        <source>A checkpoint</source>
        <translation>Ein Checkpoint</translation>
    </message>
    <message>
        <source>Layer tree, shapes, dtypes, distributions.</source>
        <translation>Schichtbaum, Formen, dtypes, Verteilungen.</translation>
    </message>
    <message>
        <source>A checkpoint and a config</source>
        <translation>Ein Checkpoint und eine Config</translation>
    </message>
    <message>
        <source>What is missing, unexpected or mismatched, and the fix.</source>
        <translation>Was fehlt, unerwartet ist oder nicht passt, und die Korrektur.</translation>
    </message>
    <message>
        <source>A folder</source>
        <translation>Ein Ordner</translation>
    </message>
    <message>
        <source>Shards as one model, with its config and tokenizer.</source>
        <translation>Shards als ein Modell, mit Config und Tokenizer.</translation>
    </message>
    <message>
        <source>A config alone</source>
        <translation>Eine Config allein</translation>
    </message>
    <message>
        <source>What the architecture expects, before there is a file.</source>
        <translation>Was die Architektur erwartet, bevor es eine Datei gibt.</translation>
    </message>
    <message>
        <source>What you can drop</source>
        <translation>Was sich hierher ziehen lässt</translation>
    </message>
    <message>
        <source>safetensors, PyTorch (.pt .pth .bin .ckpt), Keras and HDF5, GGUF, ONNX, NumPy. Told by content, not by extension.</source>
        <translation>safetensors, PyTorch (.pt .pth .bin .ckpt), Keras und HDF5, GGUF, ONNX, NumPy. Erkannt am Inhalt, nicht an der Endung.</translation>
    </message>
    <message>
        <source>usable</source>
        <translation>brauchbar</translation>
    </message>
    <message>
        <source>usable after one fix</source>
        <translation>brauchbar nach einer Korrektur</translation>
    </message>
    <message>
        <source>not usable</source>
        <translation>nicht brauchbar</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>Beispiele</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>not found</source>
        <translation>nicht gefunden</translation>
    </message>
    <message>
        <source>The file is gone. Click to remove it from the list.</source>
        <translation>Die Datei ist weg. Klicken, um sie aus der Liste zu nehmen.</translation>
    </message>
</context>
<context>
    <name>weighbridge::StatisticsTable</name>
    <message>
        <source>Tensor</source>
        <translation>Tensor</translation>
    </message>
    <message>
        <source>dtype</source>
        <translation>dtype</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>Form</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>std</source>
        <translation>Std.</translation>
    </message>
    <message>
        <source>min</source>
        <translation>Min.</translation>
    </message>
    <message>
        <source>max</source>
        <translation>Max.</translation>
    </message>
    <message>
        <source>zeros</source>
        <translation>Nullen</translation>
    </message>
    <message>
        <source>NaN</source>
        <translation>NaN</translation>
    </message>
    <message>
        <source>Inf</source>
        <translation>Inf</translation>
    </message>
    <message>
        <source>kurtosis</source>
        <translation>Kurtosis</translation>
    </message>
</context>
<context>
    <name>weighbridge::StructurePage</name>
    <message>
        <source>Findings</source>
        <translation>Befunde</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Prüft</translation>
    </message>
    <message>
        <source>Nothing found. There was no config to compare with: drop one to see what is missing or unexpected.</source>
        <translation>Nichts gefunden. Es gab keine Config zum Vergleichen: eine hierher ziehen, um zu sehen, was fehlt oder unerwartet ist.</translation>
    </message>
    <message>
        <source>Nothing found. Names, shapes and dtypes were compared and all rules were run.</source>
        <translation>Nichts gefunden. Namen, Formen und dtypes wurden verglichen und alle Regeln angewandt.</translation>
    </message>
    <message>
        <source>Nothing found so far: the check did not come to its end.</source>
        <translation>Bisher nichts gefunden: die Prüfung kam nicht zu ihrem Ende.</translation>
    </message>
    <message>
        <source>Reload   F5</source>
        <translation>Neu laden   F5</translation>
    </message>
</context>
<context>
    <name>weighbridge::TensorActions</name>
    <message numerus="yes">
        <source>%n tensor(s)</source>
        <translation>
            <numerusform>%n Tensor</numerusform>
            <numerusform>%n Tensoren</numerusform>
        </translation>
    </message>
    <message>
        <source>names</source>
        <translation>Namen</translation>
    </message>
    <message>
        <source>rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>a Markdown table</source>
        <translation>eine Markdown-Tabelle</translation>
    </message>
    <message>
        <source>shapes</source>
        <translation>Formen</translation>
    </message>
    <message>
        <source>Python</source>
        <translation>Python</translation>
    </message>
    <message>
        <source>Wrote %1: %2</source>
        <translation>%1 geschrieben: %2</translation>
    </message>
    <message>
        <source>Copied: %1</source>
        <translation>Kopiert: %1</translation>
    </message>
    <message>
        <source>selection</source>
        <translation>auswahl</translation>
    </message>
    <message>
        <source>Export %1</source>
        <translation>%1 exportieren</translation>
    </message>
    <message>
        <source>Writing tensors</source>
        <translation>Schreibt Tensoren</translation>
    </message>
    <message>
        <source>Export tensors</source>
        <translation>Tensoren exportieren</translation>
    </message>
    <message>
        <source>NumPy array</source>
        <translation>NumPy-Array</translation>
    </message>
    <message>
        <source>Table of values</source>
        <translation>Tabelle der Werte</translation>
    </message>
</context>
<context>
    <name>weighbridge::TensorSection</name>
    <message>
        <source>linear</source>
        <translation>linear</translation>
    </message>
    <message>
        <source>log</source>
        <translation>log</translation>
    </message>
    <message>
        <source>Scale of the counts</source>
        <translation>Maßstab der Anzahlen</translation>
    </message>
    <message>
        <source>A tensor that is selected in the tree or in the strip is described here.</source>
        <translation>Hier wird ein Tensor beschrieben, der im Baum oder im Streifen gewählt ist.</translation>
    </message>
    <message>
        <source>Selected tensor</source>
        <translation>Gewählter Tensor</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>Werte</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>At byte</source>
        <translation>Bei Byte</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>Bytes</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>The file does not hold this tensor</source>
        <translation>Die Datei enthält diesen Tensor nicht</translation>
    </message>
    <message>
        <source>Reading the values</source>
        <translation>Liest die Werte</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>min</source>
        <translation>Min.</translation>
    </message>
    <message>
        <source>std</source>
        <translation>Std.</translation>
    </message>
    <message>
        <source>max</source>
        <translation>Max.</translation>
    </message>
    <message>
        <source>NaN</source>
        <translation>NaN</translation>
    </message>
    <message>
        <source>Inf</source>
        <translation>Inf</translation>
    </message>
    <message>
        <source>zeros</source>
        <translation>Nullen</translation>
    </message>
    <message>
        <source>outside</source>
        <translation>außerhalb</translation>
    </message>
    <message>
        <source>Values outside the range of the histogram</source>
        <translation>Werte außerhalb des Histogramms</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>kurtosis</source>
        <translation>Kurtosis</translation>
    </message>
    <message>
        <source>3 for a normal distribution</source>
        <translation>3 bei einer Normalverteilung</translation>
    </message>
    <message>
        <source>Tied to</source>
        <translation>Gebunden an</translation>
    </message>
</context>
<context>
    <name>weighbridge::TensorTreeModel</name>
    <message>
        <source>Tensor</source>
        <translation>Tensor</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Expected</source>
        <translation>Erwartet</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>Gefunden</translation>
    </message>
    <message>
        <source>dtype</source>
        <translation>dtype</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>Werte</translation>
    </message>
    <message>
        <source>%1
In the file: %2</source>
        <translation>%1
In der Datei: %2</translation>
    </message>
</context>
<context>
    <name>weighbridge::TensorView</name>
    <message>
        <source>As it loads</source>
        <translation>Wie es lädt</translation>
    </message>
    <message>
        <source>After the fix</source>
        <translation>Nach der Korrektur</translation>
    </message>
    <message>
        <source>All states</source>
        <translation>Alle Zustände</translation>
    </message>
    <message>
        <source>Show only tensors in one state</source>
        <translation>Nur Tensoren in einem Zustand zeigen</translation>
    </message>
    <message>
        <source>Tensors</source>
        <translation>Tensoren</translation>
    </message>
    <message>
        <source>%1 of %2 rows</source>
        <translation>%1 von %2 Zeilen</translation>
    </message>
    <message>
        <source>%1 rows</source>
        <translation>%1 Zeilen</translation>
    </message>
    <message>
        <source>Nothing matches</source>
        <translation>Nichts passt</translation>
    </message>
    <message>
        <source>Tensors that each term alone would leave: %1</source>
        <translation>Tensoren, die jeder Begriff allein übrig ließe: %1</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>Suche leeren</translation>
    </message>
    <message>
        <source>The file holds no tensors</source>
        <translation>Die Datei enthält keine Tensoren</translation>
    </message>
    <message>
        <source>What it does hold is listed under Checkpoint.</source>
        <translation>Was sie enthält, steht unter Checkpoint.</translation>
    </message>
    <message>
        <source>%1 of %2 rows selected</source>
        <translation>%1 von %2 Zeilen gewählt</translation>
    </message>
</context>
<context>
    <name>weighbridge::TokenStrip</name>
    <message>
        <source>Tokens</source>
        <translation>Tokens</translation>
    </message>
</context>
<context>
    <name>weighbridge::WeightsDetail</name>
    <message>
        <source>%1 NaN</source>
        <translation>%1 NaN</translation>
    </message>
    <message>
        <source>%1 Inf</source>
        <translation>%1 Inf</translation>
    </message>
    <message>
        <source>%1 zeros</source>
        <translation>%1 Nullen</translation>
    </message>
    <message>
        <source>%1 outside</source>
        <translation>%1 außerhalb</translation>
    </message>
    <message>
        <source>Histogram</source>
        <translation>Histogramm</translation>
    </message>
    <message>
        <source>Quantiles</source>
        <translation>Quantile</translation>
    </message>
    <message>
        <source>Heat map</source>
        <translation>Heatmap</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>Werte</translation>
    </message>
    <message>
        <source>linear</source>
        <translation>linear</translation>
    </message>
    <message>
        <source>log</source>
        <translation>log</translation>
    </message>
    <message>
        <source>Scale of the counts</source>
        <translation>Maßstab der Anzahlen</translation>
    </message>
    <message>
        <source>What is shown of the values</source>
        <translation>Was von den Werten gezeigt wird</translation>
    </message>
    <message>
        <source>Where the values come from</source>
        <translation>Woher die Werte kommen</translation>
    </message>
    <message>
        <source>%1   %2   %3 parameters   mean %4   std %5   min %6   max %7</source>
        <translation>%1   %2   %3 Parameter   Mittel %4   Std. %5   Min. %6   Max. %7</translation>
    </message>
    <message>
        <source>The file does not hold this tensor</source>
        <translation>Die Datei enthält diesen Tensor nicht</translation>
    </message>
    <message>
        <source>Reading the values</source>
        <translation>Liest die Werte</translation>
    </message>
    <message>
        <source>No value is finite: %1</source>
        <translation>Kein Wert ist endlich: %1</translation>
    </message>
    <message>
        <source>fits %1</source>
        <translation>passt zu %1</translation>
    </message>
    <message>
        <source>nearest: %1, does not fit</source>
        <translation>am nächsten: %1, passt nicht</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Not judged before the values of all tensors are read.</source>
        <translation>Wird erst beurteilt, wenn die Werte aller Tensoren gelesen sind.</translation>
    </message>
    <message>
        <source>All values are equal</source>
        <translation>Alle Werte sind gleich</translation>
    </message>
    <message>
        <source>The tensor holds no values</source>
        <translation>Der Tensor enthält keine Werte</translation>
    </message>
    <message>
        <source>There are no singular values</source>
        <translation>Es gibt keine Singulärwerte</translation>
    </message>
    <message>
        <source>Computing the singular values</source>
        <translation>Berechnet die Singulärwerte</translation>
    </message>
    <message>
        <source>%1 rows of %2 values</source>
        <translation>%1 Zeilen mit %2 Werten</translation>
    </message>
    <message>
        <source>the first %1 x %2 of %3 x %4 values</source>
        <translation>die ersten %1 x %2 von %3 x %4 Werten</translation>
    </message>
</context>
<context>
    <name>weighbridge::WeightsOverview</name>
    <message>
        <source>Origin</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>std</source>
        <translation>Std.</translation>
    </message>
    <message>
        <source>Kurtosis</source>
        <translation>Kurtosis</translation>
    </message>
    <message>
        <source>NaN, Inf</source>
        <translation>NaN, Inf</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>Over depth</source>
        <translation>Über die Tiefe</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>What the map shows</source>
        <translation>Was die Karte zeigt</translation>
    </message>
    <message>
        <source>What is shown over depth</source>
        <translation>Was über die Tiefe gezeigt wird</translation>
    </message>
    <message>
        <source>Statistics of all tensors</source>
        <translation>Statistik aller Tensoren</translation>
    </message>
    <message>
        <source>Whole model</source>
        <translation>Ganzes Modell</translation>
    </message>
    <message>
        <source>Reading the values</source>
        <translation>Liest die Werte</translation>
    </message>
    <message>
        <source>%1 tensors</source>
        <translation>%1 Tensoren</translation>
    </message>
    <message>
        <source>stopped at %1 of %2 tensors</source>
        <translation>angehalten bei %1 von %2 Tensoren</translation>
    </message>
    <message>
        <source>%1 of %2 tensors</source>
        <translation>%1 von %2 Tensoren</translation>
    </message>
</context>
<context>
    <name>weighbridge::WeightsPage</name>
    <message>
        <source>Selected tensor</source>
        <translation>Gewählter Tensor</translation>
    </message>
</context>
</TS>
