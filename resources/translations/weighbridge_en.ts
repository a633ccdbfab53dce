<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>weighbridge::CheckpointView</name>
    <message numerus="yes">
        <source>The statistics are those of %1, computed before: %n tensor(s), no values were read for them.</source>
        <translation>
            <numerusform>The statistics are those of %1, computed before: %n tensor, no values were read for it.</numerusform>
            <numerusform>The statistics are those of %1, computed before: %n tensors, no values were read for them.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n tensor(s) tied to another: stored once, under the other name</source>
        <translation>
            <numerusform>%n tensor is tied to another: stored once, under the other name</numerusform>
            <numerusform>%n tensors are tied to others: stored once, under the other names</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weighbridge::FindingSection</name>
    <message numerus="yes">
        <source>%n entries</source>
        <translation>
            <numerusform>%n entry</numerusform>
            <numerusform>%n entries</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weighbridge::HostBrowser</name>
    <message numerus="yes">
        <source>%n name(s) are not shown; tick All files to see them.</source>
        <translation>
            <numerusform>%n name is not shown; tick All files to see it.</numerusform>
            <numerusform>%n names are not shown; tick All files to see them.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weighbridge::LoadStrip</name>
    <message numerus="yes">
        <source>%1
and %n more in this cell</source>
        <translation>
            <numerusform>%1
and %n more in this cell</numerusform>
            <numerusform>%1
and %n more in this cell</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weighbridge::MainWindow</name>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <translation>
            <numerusform>%1 and %n more</numerusform>
            <numerusform>%1 and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weighbridge::TensorActions</name>
    <message numerus="yes">
        <source>%n tensor(s)</source>
        <translation>
            <numerusform>%n tensor</numerusform>
            <numerusform>%n tensors</numerusform>
        </translation>
    </message>
</context>
</TS>
