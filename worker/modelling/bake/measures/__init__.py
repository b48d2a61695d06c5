"""The measurements of a bake: parity, accuracy, calibration and speed."""
